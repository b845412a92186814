#pragma once

#include <atomic>

#include "datagram_ledger.hpp"
#include "load_flow.hpp"

namespace naru::program {

/// A flow over UDP: answers may be lost, late, repeated and out of order, and are told from each other by
/// their sequence numbers.
class datagram_flow final : public load_flow {
 public:
  datagram_flow(load_plan& plan, std::uint32_t number)
      : load_flow{plan, number}, ledger_{plan.loss_timeout} {}

  [[nodiscard]] bool waits_in_vain(clock::time_point now) const noexcept override;

 private:
  static constexpr clock::time_point never = clock::time_point::max();

  void note_sent(clock::time_point due, clock::time_point now) override;
  void accept(bytes_view message, clock::time_point now) override;
  void give_up(clock::time_point now) override;
  [[nodiscard]] std::uint64_t under_way() const noexcept override { return ledger_.under_way(); }
  void show_next_loss();

  datagram_ledger ledger_;
  std::atomic<clock::time_point> next_loss_ = never;  // for other threads
};

}  // namespace naru::program
