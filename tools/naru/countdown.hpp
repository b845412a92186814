#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <stop_token>

namespace naru::program {

/// Counts down to 0, and can be waited for until a time or a stop, which std::latch cannot. Any thread may
/// call any member.
class countdown {
 public:
  void set(std::size_t count) {
    const std::scoped_lock lock{mutex_};
    count_ = count;
  }
  void count_down() {
    const std::scoped_lock lock{mutex_};
    if (--count_ == 0) reached_.notify_all();
  }
  /// True when it stands at 0.
  bool wait_until(const std::stop_token& stop, std::chrono::steady_clock::time_point when) {
    std::unique_lock lock{mutex_};
    return reached_.wait_until(lock, stop, when, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;  // guards count_
  std::condition_variable_any reached_;
  std::size_t count_ = 0;
};

}  // namespace naru::program
