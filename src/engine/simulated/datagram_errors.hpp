#pragma once

#include <cstddef>
#include <deque>
#include <system_error>

#include <naru/endpoint.hpp>

#include "engine/simulated/engine_context.hpp"

namespace naru::engine::simulated {

/// What a datagram socket has to tell by on_error. [worker]
class datagram_errors {
 public:
  explicit datagram_errors(engine_context& context) noexcept : context_{context} {}

  struct entry {
    std::error_code error = {};
    endpoint remote = {};
    unsigned delay_polls = 0;
  };

  /// Where many wait already it is dropped, as systems limit the rate of their ICMP errors.
  void add(std::error_code error, const endpoint& remote);
  /// One poll's worth of progress. True when another poll would bring more.
  bool advance() noexcept;
  /// How many are to be told now.
  [[nodiscard]] std::size_t ready() const noexcept;
  /// The first one, which is ready.
  [[nodiscard]] entry take();

 private:
  engine_context& context_;
  std::deque<entry> waiting_;
};

}  // namespace naru::engine::simulated
