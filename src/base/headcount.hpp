#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>

#include "base/mutex.hpp"

namespace naru::base {

/// How many are in, for those who wait until nobody is. Whoever leaves keeps it alive until the call has
/// returned. [any]
class headcount {
 public:
  headcount() = default;
  headcount(const headcount&) = delete;
  headcount& operator=(const headcount&) = delete;

  void enter() noexcept { inside_.fetch_add(1, std::memory_order_relaxed); }
  void leave() noexcept {
    if (inside_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    // Under the lock, so that nobody who has just looked goes to sleep after it.
    const mutex_lock hold{mutex_};
    empty_.notify_all();
  }

  [[nodiscard]] bool is_empty() const noexcept { return inside_.load(std::memory_order_acquire) == 0; }
  /// False when the time has come first.
  [[nodiscard]] bool wait_until(std::chrono::steady_clock::time_point deadline) {
    mutex_lock hold{mutex_};
    while (!is_empty()) {
      if (!empty_.wait_until(hold, deadline)) return is_empty();
    }
    return true;
  }

 private:
  std::atomic<std::size_t> inside_ = 0;
  mutex mutex_;
  condition empty_;
};

}  // namespace naru::base
