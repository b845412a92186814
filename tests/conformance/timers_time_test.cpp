// after and every, to the moment. In a simulated world, whose time passes when the test says so.

#include <atomic>
#include <chrono>
#include <thread>

#include "support/udp_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class timers_time : public udp_time_test {
 protected:
  std::atomic<int> runs_ = 0;
};

INSTANTIATE_TEST_SUITE_P(manual_time, timers_time, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(timers_time, after_counts_from_the_call) {
  ASSERT_TRUE(server().after(1s, [this] { ++runs_; }));
  environment_->world().advance(999ms);  // perhaps before the worker has heard of it
  settle();
  EXPECT_EQ(runs_, 0);
  pass(1ms);
  EXPECT_EQ(runs_, 1);
  pass(1h);
  EXPECT_EQ(runs_, 1);
}

TEST_P(timers_time, a_delay_of_zero_needs_no_time_to_pass) {
  const auto pair = open_link();
  ASSERT_TRUE(server().after(0ms, [this] { ++runs_; }));
  ASSERT_TRUE(pair.server->after(0ms, [this](connection&) { ++runs_; }));
  EXPECT_TRUE(eventually([this] { return runs_ == 2; }));
}

TEST_P(timers_time, every_is_due_each_period_after_the_last_time) {
  const timer again = server().every(100ms, [this] { ++runs_; }).value();
  for (int i = 1; i <= 5; ++i) {
    pass(100ms);
    EXPECT_EQ(runs_, i);
  }
  // A little late is not later and later.
  pass(150ms);
  EXPECT_EQ(runs_, 6);
  pass(50ms);
  EXPECT_EQ(runs_, 7);
  EXPECT_TRUE(again.is_pending());
}

TEST_P(timers_time, every_does_not_catch_up) {
  ASSERT_TRUE(server().every(100ms, [this] { ++runs_; }));
  pass(1'050ms);
  EXPECT_EQ(runs_, 1) << "not ten times";
  pass(99ms);
  EXPECT_EQ(runs_, 1) << "a period from when it ran";
  pass(1ms);
  EXPECT_EQ(runs_, 2);
}

TEST_P(timers_time, a_run_that_takes_longer_than_its_period_is_followed_by_a_whole_one) {
  ASSERT_TRUE(server().every(100ms, [this] {
    ++runs_;
    environment_->world().advance(250ms);
  }));
  pass(100ms);
  EXPECT_EQ(runs_, 1);
  pass(99ms);
  EXPECT_EQ(runs_, 1);
  pass(1ms);
  EXPECT_EQ(runs_, 2);
}

TEST_P(timers_time, long_delays_and_periods_are_kept) {
  const timer later = server().after(std::chrono::days{500}, [this] { ++runs_; }).value();
  const timer again = server().every(std::chrono::days{40}, [this] { ++runs_; }).value();
  const timer highest = server().every(std::chrono::milliseconds::max(), [] {}).value();
  pass(std::chrono::days{40} - 1ms);
  EXPECT_EQ(runs_, 0);
  pass(1ms);
  EXPECT_EQ(runs_, 1);
  pass(std::chrono::days{40});
  EXPECT_EQ(runs_, 2);
  pass(std::chrono::days{419});
  EXPECT_EQ(runs_, 3);
  EXPECT_TRUE(later.is_pending());
  pass(std::chrono::days{1});
  EXPECT_FALSE(later.is_pending());
  EXPECT_TRUE(highest.is_pending());
}

TEST_P(timers_time, a_period_of_more_than_eight_years_counts_as_eight) {
  ASSERT_TRUE(server().every(std::chrono::years{1000}, [this] { ++runs_; }));
  pass(std::chrono::days{8 * 365});
  EXPECT_EQ(runs_, 0);
  pass(std::chrono::days{3});
  EXPECT_EQ(runs_, 1);
}

TEST_P(timers_time, one_that_is_armed_in_a_long_handler_counts_from_the_call) {
  const auto pair = open_link();
  ASSERT_TRUE(pair.server->post([this](connection& self) {
    environment_->world().advance(10s);
    EXPECT_TRUE(self.after(1s, [this](connection&) { ++runs_; }));
  }));
  settle();
  EXPECT_EQ(runs_, 0);
  pass(999ms);
  EXPECT_EQ(runs_, 0);
  pass(1ms);
  EXPECT_EQ(runs_, 1);
}

TEST_P(timers_time, those_of_both_kinds_of_udp_connections_fire) {
  const link pair = open_pair(lease({.connection = {.udp = {.idle_timeout = 0ms}}}),
                              {.connection = {.udp = {.idle_timeout = 0ms}}});
  for (const auto& each : {pair.client, pair.server}) {
    ASSERT_TRUE(each->after(1s, [this](connection&) { ++runs_; }));
    ASSERT_TRUE(each->every(1s, [this](connection&) { ++runs_; }));
  }
  settle();
  pass(1s);
  EXPECT_EQ(runs_, 4);
  pass(1s);
  EXPECT_EQ(runs_, 6);
}

TEST_P(timers_time, a_connection_that_connects_has_timers_too) {
  const auto never = connect(endpoint::parse("192.0.2.1:80").value(), {.connect_timeout = 10s}).lock();
  ASSERT_TRUE(never->every(1s, [this](connection&) { ++runs_; }));
  settle();
  for (int i = 1; i <= 9; ++i) {
    pass(1s);
    EXPECT_EQ(runs_, i);
  }
  pass(1s);
  ASSERT_TRUE(at_client_.closed());
  const int at_the_end = runs_;
  pass(1h);
  EXPECT_EQ(runs_, at_the_end);
}

TEST_P(timers_time, guarantee_2_none_runs_from_close_on_however_long_that_lingers) {
  const link pair = open_link({.server = {.half_open = true}, .client = {.linger_timeout = 1h}});
  ASSERT_TRUE(pair.client->after(1s, [this](connection&) { ++runs_; }));
  ASSERT_TRUE(pair.client->every(1s, [this](connection&) { ++runs_; }));
  settle();
  pair.client->close();
  pass(10s);
  EXPECT_EQ(runs_, 0);
  EXPECT_FALSE(at_client_.at().closed.has_value());
  pair.server->abort();
  ASSERT_TRUE(at_client_.closed());
}

TEST_P(timers_time, what_is_due_in_the_grace_of_a_stop_runs) {
  const link pair = open_link({.server = {.linger_timeout = 1h}, .client = {.half_open = true}});
  ASSERT_TRUE(server().after(1s, [this] { ++runs_; }));
  ASSERT_TRUE(server().after(1h, [this] { ++runs_; }));
  settle();
  std::thread stopping{[this] { EXPECT_TRUE(server().stop(10s)); }};
  EXPECT_TRUE(eventually([&] { return pair.server->is_closed(); }));
  pass(1s);
  EXPECT_EQ(runs_, 1);
  pair.client->abort();
  stopping.join();
  EXPECT_EQ(runs_, 1);
}

}  // namespace
}  // namespace naru::test
