#pragma once

#include <atomic>
#include <thread>

namespace naru::base {

/// A lock of one byte, for a few instructions that two threads seldom want at the same time. Taken by
/// `std::scoped_lock`. [any]
///
/// It does not use `std::atomic::wait`, which in some standard libraries without a futex below them sleeps
/// through a notification that comes at the wrong moment.
class spin_lock {
 public:
  void lock() noexcept {
    unsigned looks = 0;
    while (taken_.exchange(true, std::memory_order_acquire)) {
      while (taken_.load(std::memory_order_relaxed)) {
        // Whoever holds it may have lost its processor.
        if (++looks > looks_before_yield) std::this_thread::yield();
      }
    }
  }
  void unlock() noexcept { taken_.store(false, std::memory_order_release); }

 private:
  static constexpr unsigned looks_before_yield = 100;

  std::atomic<bool> taken_ = false;
};

}  // namespace naru::base
