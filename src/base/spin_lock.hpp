#pragma once

#include <atomic>
#include <mutex>

namespace naru::base {

/// A lock of one byte, for a few instructions that two threads seldom want at the same time. Taken by
/// `std::scoped_lock`. [any]
class spin_lock {
 public:
  void lock() noexcept {
    while (taken_.exchange(true, std::memory_order_acquire)) taken_.wait(true, std::memory_order_relaxed);
  }
  void unlock() noexcept {
    taken_.store(false, std::memory_order_release);
    taken_.notify_one();
  }

 private:
  std::atomic<bool> taken_ = false;
};

}  // namespace naru::base
