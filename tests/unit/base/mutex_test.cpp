#include "base/mutex.hpp"

#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace {

using naru::base::condition;
using naru::base::mutex;
using naru::base::mutex_lock;
using namespace std::chrono_literals;

class counter {
 public:
  void add() NARU_EXCLUDES(mutex_) {
    mutex_lock lock{mutex_};
    add_locked();
    changed_.notify_all();
  }
  /// False when it took too long.
  bool wait_for(int wanted, std::chrono::milliseconds patience) NARU_EXCLUDES(mutex_) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    mutex_lock lock{mutex_};
    while (value_ < wanted) {
      if (!changed_.wait_until(lock, deadline)) return value_ >= wanted;
    }
    return true;
  }
  void wait_for_one() NARU_EXCLUDES(mutex_) {
    mutex_lock lock{mutex_};
    while (value_ == 0) changed_.wait(lock);
  }
  int value() NARU_EXCLUDES(mutex_) {
    mutex_lock lock{mutex_};
    return value_;
  }
  void add_in_two_steps() NARU_EXCLUDES(mutex_) {
    mutex_lock lock{mutex_};
    add_locked();
    lock.unlock();
    add();  // would wait for itself, were the lock still held
    lock.lock();
    add_locked();
  }

 private:
  void add_locked() NARU_REQUIRES(mutex_) { ++value_; }

  mutex mutex_;
  condition changed_;
  int value_ NARU_GUARDED_BY(mutex_) = 0;
};

TEST(mutex, threads_exclude_each_other) {
  constexpr int thread_count = 4, each = 5000;
  counter shared;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < thread_count; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < each; ++n) shared.add();
      });
    }
  }
  EXPECT_EQ(shared.value(), thread_count * each);
}

TEST(mutex, a_lock_can_be_let_go_and_taken_again) {
  counter shared;
  shared.add_in_two_steps();
  EXPECT_EQ(shared.value(), 3);
}

TEST(condition, wakes_who_waits) {
  counter shared;
  std::jthread other{[&] { shared.add(); }};
  shared.wait_for_one();
  EXPECT_TRUE(shared.wait_for(1, 30s));
}

TEST(condition, gives_up_when_the_time_has_come) {
  counter shared;
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(shared.wait_for(1, 20ms));
  EXPECT_GE(std::chrono::steady_clock::now() - start, 20ms);
}

}  // namespace
