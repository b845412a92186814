// Ends a program of which a single case runs for too long. For programs that run many cases in one process,
// where what ctest could end is all of them. The limit, in seconds, is in the environment:
// NARU_CASE_TIMEOUT_S.

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace naru::test {
namespace {

class time_limit final : public testing::EmptyTestEventListener {
 public:
  explicit time_limit(std::chrono::seconds limit) : limit_{limit}, watcher_{[this] { watch(); }} {}
  time_limit(const time_limit&) = delete;
  time_limit& operator=(const time_limit&) = delete;
  ~time_limit() override {
    {
      const std::lock_guard lock{mutex_};
      ends_ = true;
    }
    changed_.notify_all();
  }

  void OnTestStart(const testing::TestInfo& one) override {
    set({std::string{one.test_suite_name()} + "." + one.name()});
  }
  void OnTestEnd(const testing::TestInfo& /*one*/) override { set(std::nullopt); }

 private:
  void set(std::optional<std::string> running) {
    {
      const std::lock_guard lock{mutex_};
      running_ = std::move(running);
      ++number_;
    }
    changed_.notify_all();
  }

  void watch() {
    std::unique_lock lock{mutex_};
    while (!ends_) {
      const auto number = number_;
      const auto has_changed = [&] { return ends_ || number_ != number; };
      if (!running_) {
        changed_.wait(lock, has_changed);
      } else if (!changed_.wait_for(lock, limit_, has_changed)) {
        std::fprintf(stderr, "%s has run for longer than %lld s\n", running_->c_str(),
                     static_cast<long long>(limit_.count()));
        std::abort();
      }
    }
  }

  const std::chrono::seconds limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::string> running_;
  unsigned long long number_ = 0;
  bool ends_ = false;
  std::jthread watcher_;
};

/// Before `main`, which GoogleTest has.
[[maybe_unused]] const bool is_installed = [] {
  const char* const seconds = std::getenv("NARU_CASE_TIMEOUT_S");
  if (seconds == nullptr) return false;
  auto limit = std::make_unique<time_limit>(std::chrono::seconds{std::atoi(seconds)});
  testing::UnitTest::GetInstance()->listeners().Append(limit.release());
  return true;
}();

}  // namespace
}  // namespace naru::test
