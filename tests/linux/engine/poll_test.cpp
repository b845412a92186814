#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/time.h>

#include "linux/engine/engine_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

class poll_test : public engine_test {
 protected:
  /// How long one poll took.
  clock::duration time_of_poll(std::chrono::nanoseconds wait) {
    const auto begin = clock::now();
    engine_->poll(wait);
    return clock::now() - begin;
  }
};

TEST_F(poll_test, it_waits_no_less_than_told) {
  EXPECT_GE(time_of_poll(20ms), 20ms);
  EXPECT_GE(time_of_poll(1ns), 1ns);
  EXPECT_GE(time_of_poll(1500us), 1500us) << "a wait that is cut down would spin until the timer is due";
}

TEST_F(poll_test, it_does_not_wait_when_told_not_to) {
  EXPECT_LT(time_of_poll(0ns), patience);
  EXPECT_LT(time_of_poll(-5s), patience);
}

TEST_F(poll_test, it_does_not_wait_when_a_close_is_to_be_told) {
  auto [us, them] = adopt();
  engine_->poll({});
  us.close();
  EXPECT_LT(time_of_poll(patience), patience);
  EXPECT_TRUE(us.closed);
}

TEST_F(poll_test, it_does_not_wait_when_somebody_has_a_turn) {
  auto [us, them] = adopt();
  them.send("x");
  engine_->poll(glance);
  us.stream->resume_receiving();
  EXPECT_LT(time_of_poll(patience), patience);
  EXPECT_EQ(us.received, "x");
}

TEST_F(poll_test, a_wake_before_the_wait_ends_it) {
  engine_->wake();
  EXPECT_LT(time_of_poll(std::chrono::nanoseconds::max()), patience);
}

TEST_F(poll_test, many_wakes_are_one) {
  for (int i = 0; i < 1000; ++i) engine_->wake();
  EXPECT_LT(time_of_poll(patience), patience);
  EXPECT_TRUE(is_idle());
}

TEST_F(poll_test, each_wake_is_an_edge_though_nobody_reads_it) {
  for (int i = 0; i < 1000; ++i) {
    engine_->wake();
    ASSERT_LT(time_of_poll(patience), patience) << i;
  }
  EXPECT_TRUE(is_idle());
}

TEST_F(poll_test, a_wake_inside_an_event_ends_the_next_wait) {
  auto [us, them] = adopt_receiving();
  us.when_received = [&](bytes_view) { engine_->wake(); };
  them.send("x");
  ASSERT_TRUE(poll_until([&] { return us.receives == 1; }));
  EXPECT_LT(time_of_poll(patience), patience);
}

TEST_F(poll_test, no_wake_is_lost_between_threads) {  // R4.7
  constexpr int rounds = 20'000;
  std::atomic<int> asked = 0;
  std::atomic<int> answered = 0;
  std::thread other{[&] {
    for (int i = 1; i <= rounds; ++i) {
      asked.store(i);
      engine_->wake();
      while (answered.load() < i) std::this_thread::yield();
    }
  }};
  while (answered.load() < rounds) {
    const auto waited = time_of_poll(patience);  // far longer than the test may take
    EXPECT_LT(waited, patience) << "a wake was lost";
    answered.store(asked.load());
    if (waited >= patience) break;
  }
  answered.store(rounds);
  other.join();
}

TEST_F(poll_test, wakes_from_several_threads_end_one_wait) {
  std::vector<std::thread> others;
  others.reserve(4);
  for (int i = 0; i < 4; ++i) {
    others.emplace_back([this] {
      for (int j = 0; j < 1000; ++j) engine_->wake();
    });
  }
  EXPECT_LT(time_of_poll(patience), patience);
  for (std::thread& each : others) each.join();
  engine_->poll({});
  EXPECT_TRUE(is_idle());
}

TEST_F(poll_test, a_signal_is_the_end_of_the_wait_and_nothing_else) {
  struct sigaction action = {};
  action.sa_handler = [](int) {};  // without SA_RESTART, which epoll_wait ignores anyway (signal(7))
  struct sigaction former = {};
  ASSERT_EQ(::sigaction(SIGALRM, &action, &former), 0);
  const itimerval tick = {.it_interval = {.tv_sec = 0, .tv_usec = 1000},
                          .it_value = {.tv_sec = 0, .tv_usec = 1000}};
  ASSERT_EQ(::setitimer(ITIMER_REAL, &tick, nullptr), 0);

  auto [us, them] = adopt_receiving();
  EXPECT_LT(time_of_poll(patience), patience);
  them.send("among signals");
  EXPECT_TRUE(poll_until([&] { return us.received == "among signals"; }));

  const itimerval never = {};
  ::setitimer(ITIMER_REAL, &never, nullptr);
  ::sigaction(SIGALRM, &former, nullptr);
}

}  // namespace
}  // namespace naru::test
