#pragma once

#include <chrono>

namespace naru::base {

/// Where a worker reads the time, so that a simulator can replace it.
class clock {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  virtual ~clock() = default;
  /// Never goes back. [any]
  [[nodiscard]] virtual time_point now() const noexcept = 0;

 protected:
  clock() = default;
  clock(const clock&) = default;
  clock& operator=(const clock&) = default;
};

/// The system's monotonic clock.
class steady_clock final : public clock {
 public:
  [[nodiscard]] time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
};

}  // namespace naru::base
