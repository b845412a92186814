#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include <gtest/gtest.h>

namespace naru::test {

/// How long a test waits for something that has to come. Long, since it is spent only when a test fails: a
/// busy machine or a sanitizer must not make one fail.
inline constexpr std::chrono::seconds patience{30};

/// How long a test watches that something does not come.
inline constexpr std::chrono::milliseconds glance{50};

/// Something that happens once, and that threads can wait for. [any]
class event {
 public:
  void set() {
    const std::lock_guard lock{mutex_};
    happened_ = true;
    changed_.notify_all();
  }

  [[nodiscard]] bool happened() const {
    const std::lock_guard lock{mutex_};
    return happened_;
  }

  [[nodiscard]] testing::AssertionResult wait() const {
    if (wait_for(patience)) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "it did not happen in time";
  }

  [[nodiscard]] bool wait_for(std::chrono::milliseconds limit) const {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, limit, [this] { return happened_; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool happened_ = false;
};

}  // namespace naru::test
