#pragma once

#include <atomic>
#include <cstdint>

#include "histogram.hpp"

namespace naru::program {

/// What one worker of a load has counted. Only that worker writes; others may read at the same time.
struct load_tally {
  class counter {
   public:
    void add(std::uint64_t amount) noexcept { value_.store(value() + amount, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

   private:
    std::atomic<std::uint64_t> value_ = 0;
  };
  counter sent;
  counter right;
  counter lost;
  counter wrong;
  counter refused;
  counter closed_early;
  // UDP only.
  counter late_answers;
  counter reordered;
  counter duplicates;
  counter unheard;
  histogram latencies;
};

}  // namespace naru::program
