#pragma once

#include <chrono>

#include "base/mutex.hpp"

namespace naru::base {

/// Lets one in at a time, as a mutex does, whom others may stop waiting for: after a while, or when what they
/// wanted to do in there has been done. [any]
class turnstile {
 public:
  turnstile() = default;
  turnstile(const turnstile&) = delete;
  turnstile& operator=(const turnstile&) = delete;

  void enter() {
    mutex_lock hold{mutex_};
    while (taken_) changed_.wait(hold);
    taken_ = true;
  }
  /// False when the time has come first, or when `is_done` said so, which is asked each time somebody leaves.
  template <typename Done>
  [[nodiscard]] bool enter_until(std::chrono::steady_clock::time_point deadline, Done&& is_done) {
    mutex_lock hold{mutex_};
    while (taken_) {
      if (is_done()) return false;
      if (!changed_.wait_until(hold, deadline) && taken_) return false;
    }
    if (is_done()) return false;
    taken_ = true;
    return true;
  }
  void leave() noexcept {
    const mutex_lock hold{mutex_};
    taken_ = false;
    changed_.notify_all();
  }

  /// Is inside until its end.
  class visit {
   public:
    explicit visit(turnstile& where) : where_{where} { where_.enter(); }
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;
    ~visit() { where_.leave(); }

   private:
    turnstile& where_;
  };

 private:
  mutex mutex_;
  condition changed_;
  bool taken_ NARU_GUARDED_BY(mutex_) = false;
};

}  // namespace naru::base
