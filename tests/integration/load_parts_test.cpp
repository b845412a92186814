#include <chrono>
#include <cstddef>
#include <stop_token>
#include <system_error>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connector.hpp"
#include "countdown.hpp"
#include "load_flow.hpp"

namespace naru::program {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

struct recorded_connects {
  std::vector<std::size_t> begun;
  connector::begin_one recorder() {
    return [this](std::size_t number) {
      begun.push_back(number);
      return std::error_code{};
    };
  }
};

const auto refused = std::make_error_code(std::errc::connection_refused);

TEST(Connector, BeginsWithOneAndThenManyAtATime) {
  recorded_connects connects;
  connector tested{1000, connects.recorder()};
  tested.start();
  EXPECT_THAT(connects.begun, ElementsAre(0));
  tested.answered({});
  const auto at_a_time = connects.begun.size() - 1;
  EXPECT_GT(at_a_time, 1U);
  EXPECT_LT(at_a_time, 1000U);
  for (std::size_t i = 1; i < 1000; ++i) {
    tested.answered({});
    EXPECT_LE(connects.begun.size(), i + 1 + at_a_time);
  }
  EXPECT_THAT(connects.begun, SizeIs(1000));
  EXPECT_FALSE(tested.wait(std::stop_token{}));
}

TEST(Connector, BeginsNoMoreAfterAFailure) {
  recorded_connects connects;
  connector tested{1000, connects.recorder()};
  tested.start();
  tested.answered({});
  const auto under_way = connects.begun.size() - 1;
  tested.answered(refused);
  for (std::size_t i = 1; i < under_way; ++i) tested.answered({});
  EXPECT_THAT(connects.begun, SizeIs(1 + under_way));
  EXPECT_EQ(tested.wait(std::stop_token{}), refused);
}

TEST(Connector, TakesAnErrorAtTheBeginAsTheAnswer) {
  connector tested{10, [](std::size_t) { return refused; }};
  tested.start();
  EXPECT_EQ(tested.wait(std::stop_token{}), refused);
}

TEST(Connector, IsStoppedWhileItWaits) {
  recorded_connects connects;
  connector tested{10, connects.recorder()};
  tested.start();
  std::stop_source stop;
  std::jthread stopper{[&stop] { stop.request_stop(); }};
  EXPECT_EQ(tested.wait(stop.get_token()), std::errc::operation_canceled);
  tested.answered({});
  EXPECT_THAT(connects.begun, ElementsAre(0));
}

TEST(Countdown, IsReachedByAnotherThread) {
  countdown tested;
  tested.set(2);
  std::jthread counter{[&tested] {
    tested.count_down();
    tested.count_down();
  }};
  EXPECT_TRUE(tested.wait_until(std::stop_token{}, std::chrono::steady_clock::now() + 1h));
}

TEST(Countdown, GivesUpWhenItIsTimeOrAStopIsAskedFor) {
  countdown tested;
  tested.set(1);
  EXPECT_FALSE(tested.wait_until(std::stop_token{}, std::chrono::steady_clock::now()));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(tested.wait_until(stop.get_token(), std::chrono::steady_clock::now() + 1h));
}

TEST(LoadPlan, SpreadsTheRateOverFlowsInTurn) {
  load_plan plan{.pattern = message_pattern{8}, .depth = 1, .flows = 4, .rate = 1000, .duration = 1s};
  EXPECT_EQ(plan.due(0, 0), plan.start);
  EXPECT_EQ(plan.due(1, 0), plan.start + 1ms);
  EXPECT_EQ(plan.due(0, 1), plan.start + 4ms);
  EXPECT_EQ(plan.due(3, 1000), plan.start + 4003ms);
}

TEST(LoadPlan, CountsExactlyWhatIsDue) {
  for (const std::uint64_t rate : {1U, 3U, 7U, 999U, 1'000'000'000U}) {
    load_plan plan{.pattern = message_pattern{8}, .depth = 1, .flows = 1, .rate = rate, .duration = 24h};
    EXPECT_EQ(plan.due_within(0s), 0U);
    EXPECT_EQ(plan.due_within(24h), 86400 * rate);
    for (std::uint64_t turn = 0; turn < 50; ++turn) {
      const auto due = plan.due(0, turn) - plan.start;
      EXPECT_EQ(plan.due_within(due), turn) << rate;
      EXPECT_EQ(plan.due_within(due + 1ns), turn + 1) << rate;
    }
  }
}

}  // namespace

}  // namespace naru::program
