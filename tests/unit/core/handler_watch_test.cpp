#include "core/handler_watch.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace naru::core {
namespace {

using namespace std::chrono_literals;

class set_clock final : public base::clock {
 public:
  [[nodiscard]] time_point now() const noexcept override { return now_; }
  void pass(std::chrono::nanoseconds time) { now_ += time; }

 private:
  time_point now_{1h};
};

TEST(HandlerWatch, SaysWhatRuns) {
  const set_clock time;
  handler_watch watch{time};
  EXPECT_EQ(watch.describe(), "");
  watch.begin(connection_id{7}, "on_received");
  EXPECT_EQ(watch.describe(), "connection 7: on_received");
  EXPECT_FALSE(watch.look()) << "no times are taken";
  watch.end();
  EXPECT_EQ(watch.describe(), "");
  watch.begin(connection_id{}, "on_listener_closed");
  EXPECT_EQ(watch.describe(), "on_listener_closed");
  watch.end();
}

TEST(HandlerWatch, CountsWhatTakesLonger) {
  set_clock time;
  handler_watch watch{time};
  watch.take_times(5ms);
  const auto run = [&](std::chrono::nanoseconds duration) {
    watch.begin(connection_id{1}, "on_closed");
    time.pass(duration);
    watch.end();
  };
  for (const auto each : {0ns, 1999ns, 2000ns, 3999ns, 4000ns, 5'000'000ns, 5'000'001ns}) run(each);
  run(1h);
  network_stats sum;
  watch.add_to(sum);
  EXPECT_EQ(sum.stalls, 2U);
  EXPECT_EQ(sum.handler_times[0], 2U);
  EXPECT_EQ(sum.handler_times[1], 2U);
  EXPECT_EQ(sum.handler_times[2], 1U);
  EXPECT_EQ(sum.handler_times[12], 2U) << "4,096 to 8,192 us";
  EXPECT_EQ(sum.handler_times[23], 1U) << "all that took longer";
}

TEST(HandlerWatch, ALookTellsOneCallFromTheNext) {
  set_clock time;
  handler_watch watch{time};
  watch.take_times(5ms);
  EXPECT_FALSE(watch.look());
  watch.begin(connection_id{1}, "on_received");
  const auto call = watch.look();
  ASSERT_TRUE(call);
  EXPECT_EQ(call->since, time.now());
  EXPECT_EQ(handler_watch::describe(call->running), "connection 1: on_received");
  EXPECT_EQ(watch.look()->number, call->number);
  watch.end();
  EXPECT_FALSE(watch.look());
  watch.begin(connection_id{1}, "on_received");
  ASSERT_TRUE(watch.look());
  EXPECT_NE(watch.look()->number, call->number);
  watch.end();
}

TEST(HandlerWatch, WhatALookTellsBelongsToOneCall) {
  const base::steady_clock time;
  handler_watch watch{time};
  watch.take_times(1h);
  std::atomic<bool> over = false;
  std::thread looker{[&] {
    while (!over) {
      const auto call = watch.look();
      if (!call) continue;
      const std::string text = handler_watch::describe(call->running);
      EXPECT_TRUE(text == "connection 1: on_received" || text == "connection 2: on_closed") << text;
    }
  }};
  for (int i = 0; i < 50'000; ++i) {
    watch.begin(connection_id{1}, "on_received");
    {
    }
    watch.end();
    watch.begin(connection_id{2}, "on_closed");
    {
    }
    watch.end();
  }
  over = true;
  looker.join();
}

}  // namespace
}  // namespace naru::core
