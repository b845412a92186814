#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <naru/options.hpp>

#include "support/patience.hpp"

namespace naru::test {

using task = std::move_only_function<void()>;

/// An executor that keeps its tasks until the test says what becomes of them. [any]
class task_shelf {
 public:
  /// What `connection_options::handlers_on` takes. The shelf must outlive the networks that use it.
  [[nodiscard]] std::shared_ptr<const executor> taking() {
    return std::make_shared<const executor>([this](task one) {
      const std::lock_guard lock{mutex_};
      tasks_.push_back(std::move(one));
      changed_.notify_all();
    });
  }

  /// Waits until so many lie here.
  [[nodiscard]] testing::AssertionResult holds(std::size_t tasks) {
    std::unique_lock lock{mutex_};
    if (changed_.wait_for(lock, patience, [&] { return tasks_.size() >= tasks; })) {
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << "waited for " << tasks << " tasks, there are " << tasks_.size();
  }
  [[nodiscard]] std::size_t size() {
    const std::lock_guard lock{mutex_};
    return tasks_.size();
  }
  /// Runs those that lie here now, on this thread.
  void run() {
    for (task& each : take()) each();
  }
  /// Runs those that come until this is true.
  [[nodiscard]] testing::AssertionResult run_until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) {
        return testing::AssertionFailure() << "it did not become true in time";
      }
      {
        std::unique_lock lock{mutex_};
        changed_.wait_for(lock, std::chrono::milliseconds{1}, [&] { return !tasks_.empty(); });
      }
      run();
    }
    return testing::AssertionSuccess();
  }
  void throw_away() { take().clear(); }

 private:
  std::deque<task> take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(tasks_, {});
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<task> tasks_;
};

/// Threads that run what comes. Ends when all has run that came. [any]
class thread_pool {
 public:
  explicit thread_pool(std::size_t threads) {
    for (std::size_t i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { serve(); });
    }
  }
  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;
  ~thread_pool() {
    const std::lock_guard lock{mutex_};
    ends_ = true;
    changed_.notify_all();
  }

  /// The pool must outlive the networks that use it.
  [[nodiscard]] std::shared_ptr<const executor> taking() {
    return std::make_shared<const executor>([this](task one) {
      const std::lock_guard lock{mutex_};
      tasks_.push_back(std::move(one));
      changed_.notify_one();
    });
  }

 private:
  void serve() {
    std::unique_lock lock{mutex_};
    for (;;) {
      changed_.wait(lock, [this] { return ends_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      task next = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      next();
      next = nullptr;
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<task> tasks_;
  bool ends_ = false;
  std::vector<std::jthread> threads_;
};

/// An executor that runs its tasks at once, on the worker.
[[nodiscard]] inline std::shared_ptr<const executor> run_at_once() {
  return std::make_shared<const executor>([](task one) { one(); });
}

}  // namespace naru::test
