#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

/// Clang checks at compile time what these say (-Wthread-safety; clang.llvm.org/docs/ThreadSafetyAnalysis);
/// to other compilers they are nothing.
#ifdef __clang__
#define NARU_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define NARU_THREAD_ANNOTATION(x)
#endif

/// A member that is touched only while this mutex is held.
#define NARU_GUARDED_BY(mutex) NARU_THREAD_ANNOTATION(guarded_by(mutex))
/// A function that is called only while these mutexes are held.
#define NARU_REQUIRES(...) NARU_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
/// A function that is called only while these mutexes are not held: it takes them itself.
#define NARU_EXCLUDES(...) NARU_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
/// A function that answers this mutex.
#define NARU_RETURNS(mutex) NARU_THREAD_ANNOTATION(lock_returned(mutex))

namespace naru::base {

/// A `std::mutex` that the compiler knows. Use it by `mutex_lock`. [any]
class NARU_THREAD_ANNOTATION(capability("mutex")) mutex {
 public:
  mutex() = default;
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;

 private:
  friend class mutex_lock;

  std::mutex native_;
};

/// Holds a mutex from its making to its end, or to `unlock`. [any]
class NARU_THREAD_ANNOTATION(scoped_lockable) mutex_lock {
 public:
  explicit mutex_lock(mutex& which) NARU_THREAD_ANNOTATION(acquire_capability(which))
      : held_{which.native_} {}
  mutex_lock(const mutex_lock&) = delete;
  mutex_lock& operator=(const mutex_lock&) = delete;
  ~mutex_lock() NARU_THREAD_ANNOTATION(release_capability()) = default;

  /// Lets go before the end, to call something that must not be called under the lock.
  void unlock() NARU_THREAD_ANNOTATION(release_capability()) { held_.unlock(); }
  /// Takes it again after `unlock`.
  void lock() NARU_THREAD_ANNOTATION(acquire_capability()) { held_.lock(); }

 private:
  friend class condition;

  std::unique_lock<std::mutex> held_;
};

/// Waits until something that a mutex guards has changed. There is no form with a predicate, because the
/// compiler cannot see that the lock is held inside one: write the loop around the wait, which also takes
/// care of waking without a cause. [any]
class condition {
 public:
  void notify_one() noexcept { native_.notify_one(); }
  void notify_all() noexcept { native_.notify_all(); }

  void wait(mutex_lock& lock) { native_.wait(lock.held_); }
  /// False when the time has come.
  template <typename Clock, typename Duration>
  [[nodiscard]] bool wait_until(mutex_lock& lock, std::chrono::time_point<Clock, Duration> deadline) {
    return native_.wait_until(lock.held_, deadline) == std::cv_status::no_timeout;
  }

 private:
  std::condition_variable native_;
};

}  // namespace naru::base
