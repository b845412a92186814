#pragma once

#include <vector>

#include "load_flow.hpp"

namespace naru::program {

/// A flow over TCP: the answers come in the order of the messages, and none is lost while the echo is one.
class stream_flow final : public load_flow {
 public:
  stream_flow(load_plan& plan, std::uint32_t number) : load_flow{plan, number}, sent_at_(plan.depth) {}

 private:
  void note_sent(clock::time_point due, clock::time_point now) override;
  void accept(bytes_view message, clock::time_point now) override;
  [[nodiscard]] std::uint64_t under_way() const noexcept override { return sent() - received_; }

  std::uint64_t received_ = 0;
  std::vector<clock::time_point> sent_at_;  // of the messages under way, by sequence modulo depth
};

}  // namespace naru::program
