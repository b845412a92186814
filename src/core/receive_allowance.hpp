#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include <naru/options.hpp>

#include "base/clock.hpp"

namespace naru::core {

/// How much a peer may still send: two token buckets, which hold what one second allows. A message may take
/// more than there is, else the largest would never come through; the next one then waits until the debt is
/// paid. [worker]
class receive_allowance {
 public:
  using time_point = base::clock::time_point;

  receive_allowance(const receive_budget& budget, time_point now) noexcept
      : messages_{static_cast<double>(budget.messages_per_second)},
        bytes_{static_cast<double>(budget.bytes_per_second)},
        at_{now} {}

  [[nodiscard]] bool is_limited() const noexcept { return messages_.is_limited() || bytes_.is_limited(); }

  /// Whether one more message may come.
  [[nodiscard]] bool allows(std::size_t message_bytes, time_point now) noexcept {
    fill(now);
    return messages_.covers(1) && bytes_.covers(static_cast<double>(message_bytes));
  }
  /// Counts one. False: the next has to wait.
  bool take(std::size_t message_bytes, time_point now) noexcept {
    fill(now);
    messages_.take(1);
    bytes_.take(static_cast<double>(message_bytes));
    return wait().count() <= 0;
  }
  /// How long until the next one may come.
  [[nodiscard]] std::chrono::nanoseconds wait() const noexcept {
    const double seconds = std::max(messages_.seconds_to_go(1), bytes_.seconds_to_go(0));
    return std::chrono::ceil<std::chrono::nanoseconds>(std::chrono::duration<double>{seconds});
  }

 private:
  struct bucket {
    double per_second;
    double left = per_second;

    [[nodiscard]] bool is_limited() const noexcept { return per_second > 0; }
    [[nodiscard]] bool covers(double amount) const noexcept { return !is_limited() || left >= amount; }
    void take(double amount) noexcept {
      if (is_limited()) left -= amount;
    }
    void fill(double seconds) noexcept { left = std::min(left + seconds * per_second, per_second); }
    [[nodiscard]] double seconds_to_go(double needed) const noexcept {
      return is_limited() && left < needed ? (needed - left) / per_second : 0;
    }
  };

  void fill(time_point now) noexcept {
    const double seconds = std::chrono::duration<double>{now - at_}.count();
    at_ = now;
    messages_.fill(seconds);
    bytes_.fill(seconds);
  }

  bucket messages_;
  bucket bytes_;
  time_point at_;
};

}  // namespace naru::core
