#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "countdown.hpp"
#include "message_pattern.hpp"

namespace naru::program {

/// What all flows of a load share. Set before the first message, and not changed while there are any.
struct load_plan {
  using clock = std::chrono::steady_clock;

  message_pattern pattern;
  std::size_t depth;
  std::size_t flows;
  std::optional<std::uint64_t> rate;
  std::chrono::nanoseconds duration;
  /// UDP: from when on a message that was not answered is lost.
  std::chrono::nanoseconds loss_timeout = {};
  clock::time_point start = {};
  countdown unfinished = {};

  /// With a rate: when a flow's message is due. The flows take turns.
  [[nodiscard]] clock::time_point due(std::size_t flow, std::uint64_t sequence) const noexcept;
  /// How many messages are due in `elapsed`.
  [[nodiscard]] std::uint64_t due_within(std::chrono::nanoseconds elapsed) const noexcept;
};

}  // namespace naru::program
