#include "core/inbox.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/engine.hpp"

namespace naru::core {
namespace {

/// An engine of which only `wake` is used.
class sleeper final : public engine::engine {
 public:
  result<naru::engine::stream*> adopt(naru::engine::raw_socket, const endpoint&,
                                      const naru::engine::stream_options&,
                                      naru::engine::stream_events&) override {
    return std::unexpected{std::make_error_code(std::errc::not_supported)};
  }
  result<naru::engine::stream*> connect(const endpoint&, const naru::engine::stream_options&,
                                        naru::engine::stream_events&) override {
    return std::unexpected{std::make_error_code(std::errc::not_supported)};
  }
  result<naru::engine::acceptor*> accept_from(naru::engine::raw_socket,
                                              naru::engine::acceptor_events&) override {
    return std::unexpected{std::make_error_code(std::errc::not_supported)};
  }
  result<naru::engine::datagram_socket*> share(naru::engine::raw_socket,
                                               const naru::engine::datagram_options&,
                                               naru::engine::datagram_events&) override {
    return std::unexpected{std::make_error_code(std::errc::not_supported)};
  }
  result<naru::engine::datagram_socket*> connect(const endpoint&, const naru::engine::datagram_options&,
                                                 naru::engine::datagram_events&) override {
    return std::unexpected{std::make_error_code(std::errc::not_supported)};
  }
  void poll(std::chrono::nanoseconds) override {
    std::unique_lock hold{guard_};
    changed_.wait(hold, [this] { return std::exchange(woken_, false); });
  }
  void wake() noexcept override {
    ++wakes;
    const std::lock_guard hold{guard_};
    woken_ = true;
    changed_.notify_one();
  }

  std::atomic<int> wakes = 0;

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  bool woken_ = false;
};

class note final : public letter {
 public:
  explicit note(int which, std::atomic<int>* discarded = nullptr) : number{which}, discarded_{discarded} {}
  void deliver(worker&) noexcept override { delete this; }
  void discard() noexcept override {
    if (discarded_ != nullptr) ++*discarded_;
    delete this;
  }
  const int number;

 private:
  std::atomic<int>* discarded_;
};

std::vector<int> numbers_of(letter* first) {
  std::vector<int> numbers;
  while (first != nullptr) {
    auto* const one = static_cast<note*>(std::exchange(first, first->next));
    numbers.push_back(one->number);
    one->discard();
  }
  return numbers;
}

TEST(Inbox, GivesLettersInTheOrderTheyCame) {
  sleeper engine;
  inbox box{engine};
  EXPECT_FALSE(box.has_mail());
  EXPECT_EQ(box.take_all(), nullptr);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(box.push(*new note{i}));
  EXPECT_TRUE(box.has_mail());
  EXPECT_EQ(numbers_of(box.take_all()), (std::vector{0, 1, 2, 3}));
  EXPECT_FALSE(box.has_mail());
}

TEST(Inbox, WakesNobodyWhoIsAwake_R4_7) {
  sleeper engine;
  inbox box{engine};
  ASSERT_TRUE(box.push(*new note{1}));
  EXPECT_EQ(engine.wakes, 0);
  numbers_of(box.take_all());
}

TEST(Inbox, WakesASleeperOnceForManyLetters_R4_7) {
  sleeper engine;
  inbox box{engine};
  ASSERT_TRUE(box.prepare_sleep());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(box.push(*new note{i}));
  EXPECT_EQ(engine.wakes, 1);
  numbers_of(box.take_all());
}

TEST(Inbox, DoesNotLetAWorkerSleepOverMail_R4_7) {
  sleeper engine;
  inbox box{engine};
  ASSERT_TRUE(box.push(*new note{1}));
  EXPECT_FALSE(box.prepare_sleep());
  numbers_of(box.take_all());
  EXPECT_TRUE(box.prepare_sleep());
}

TEST(Inbox, RefusesLettersWhenClosed) {
  sleeper engine;
  inbox box{engine};
  ASSERT_TRUE(box.push(*new note{1}));
  EXPECT_FALSE(box.try_close()) << "there is still a letter";
  numbers_of(box.take_all());
  EXPECT_TRUE(box.try_close());
  std::atomic<int> discarded = 0;
  note* const late = new note{2, &discarded};
  EXPECT_FALSE(box.push(*late));
  late->discard();
  EXPECT_EQ(discarded, 1);
}

TEST(Inbox, DiscardsWhatNobodyTook) {
  std::atomic<int> discarded = 0;
  {
    sleeper engine;
    inbox box{engine};
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(box.push(*new note{i, &discarded}));
  }
  EXPECT_EQ(discarded, 3);
}

/// Writers and a reader that sleeps whenever it may: every letter arrives, each writer's in order, and no
/// wake-up is lost (the test would hang, and its time limit end it). The engine dies as soon as the inbox has
/// closed.
TEST(Inbox, LosesNoWakeUpBetweenEmptyAndAsleep_R4_7) {
  constexpr int writers = 3;
  constexpr int letters = 20'000;
  auto engine = std::make_unique<sleeper>();
  inbox box{*engine};
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&box, writer] {
      for (int i = 0; i < letters; ++i) {
        ASSERT_TRUE(box.push(*new note{writer * letters + i}));
        if (i % 7 == 0) std::this_thread::yield();
      }
    });
  }
  std::vector<int> last(writers, -1);
  int received = 0;
  while (received < writers * letters) {
    if (box.prepare_sleep()) engine->poll(std::chrono::nanoseconds::max());
    box.awake();
    for (const int number : numbers_of(box.take_all())) {
      int& before = last[static_cast<std::size_t>(number / letters)];
      ASSERT_LT(before, number % letters);
      before = number % letters;
      ++received;
    }
  }
  ASSERT_TRUE(box.try_close());
  engine.reset();
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(last, std::vector<int>(writers, letters - 1));
}

}  // namespace
}  // namespace naru::core
