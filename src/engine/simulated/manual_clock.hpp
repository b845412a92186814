#pragma once

#include <atomic>
#include <chrono>

#include "base/clock.hpp"

namespace naru::engine::simulated {

/// Time that stands still until somebody lets it pass. Its engines have to be told, which `world::advance`
/// does. [any]
class manual_clock final : public base::clock {
 public:
  [[nodiscard]] time_point now() const noexcept override { return time_point{elapsed_.load()}; }
  void advance(std::chrono::nanoseconds by) noexcept {
    for (auto seen = elapsed_.load(); !elapsed_.compare_exchange_weak(seen, seen + by);) {
    }
  }

 private:
  /// Not zero at first: a time of zero is easily mistaken for no time.
  std::atomic<time_point::duration> elapsed_{std::chrono::hours{1}};
};

}  // namespace naru::engine::simulated
