#pragma once

#include <cstddef>

#include "base/mutex.hpp"

namespace naru::base {

/// Waits until something has happened so many times. Stands for std::latch, which waits as `spin_lock` says.
/// [any]
class countdown {
 public:
  explicit countdown(std::size_t count) noexcept : left_{count} {}

  /// It has happened once more. The last one may be seen, and this object destroyed, before the call returns.
  void count_down() noexcept {
    const mutex_lock hold{mutex_};
    if (--left_ == 0) done_.notify_all();
  }
  void wait() {
    mutex_lock hold{mutex_};
    while (left_ > 0) done_.wait(hold);
  }

 private:
  mutex mutex_;
  condition done_;
  std::size_t left_ NARU_GUARDED_BY(mutex_);
};

}  // namespace naru::base
