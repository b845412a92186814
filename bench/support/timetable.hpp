#pragma once

#include <algorithm>
#include <chrono>

#include "support/steady.hpp"

namespace naru::bench {

/// What is due at even distances until an end.
class timetable {
 public:
  timetable(double per_second, steady::time_point end)
      : period_{std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>{1 / per_second})},
        end_{end} {}

  /// Whether something is due that has not been taken.
  [[nodiscard]] bool is_due(steady::time_point now) const noexcept { return !is_over() && next_ <= now; }
  /// The moment that it was due at.
  steady::time_point take() noexcept {
    const steady::time_point due = next_;
    next_ += period_;
    return due;
  }
  [[nodiscard]] bool is_over() const noexcept { return next_ >= end_; }
  /// How long until something is due, at most this.
  [[nodiscard]] std::chrono::nanoseconds wait(steady::time_point now,
                                              std::chrono::nanoseconds longest) const {
    return is_over() ? longest : std::min<std::chrono::nanoseconds>(next_ - now, longest);
  }

 private:
  steady::duration period_;
  steady::time_point next_ = steady::now();
  steady::time_point end_;
};

}  // namespace naru::bench
