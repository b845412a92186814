#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.hpp"

namespace naru::core {

/// Lets so many through in a second, and no more than those of one second at once. [worker]
class token_bucket {
 public:
  using time_point = base::clock::time_point;

  /// 0: lets all through.
  token_bucket(double per_second, time_point now) noexcept
      : per_second_{per_second}, tokens_{std::max(per_second, 1.0)}, at_{now} {}

  [[nodiscard]] bool try_take(time_point now) noexcept {
    if (per_second_ <= 0) return true;
    const std::chrono::duration<double> passed = now - at_;
    at_ = now;
    tokens_ = std::min(tokens_ + passed.count() * per_second_, std::max(per_second_, 1.0));
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

  /// What was taken was not needed.
  void give_back() noexcept { tokens_ += 1; }

 private:
  double per_second_;
  double tokens_;
  time_point at_;
};

}  // namespace naru::core
