#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/memory_budget.hpp"

namespace naru::core {

/// What all connections of one run of a network have in common, and any of their threads may touch. It lives
/// as long as anything that was counted in it. [any]
struct network_totals {
  explicit network_totals(std::size_t memory_max = 0) noexcept : memory{memory_max} {}

  base::memory_budget memory;
  std::atomic<std::uint64_t> messages_refused = 0;
  std::atomic<std::uint64_t> messages_replaced = 0;
};

}  // namespace naru::core
