// R4.2: what happens at the limits of a backlog, on every engine. To the byte, and to what is on its way:
// backlog_limits_test.cpp.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "support/pressure.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class backlog_policies : public udp_test {
 protected:
  static constexpr std::size_t limit = 10'000;

  static connection_options limited(backlog_policy policy, std::size_t messages_max = 0) {
    return {.max_message_bytes = 5000,
            .backlog_bytes_max = limit,
            .backlog_messages_max = messages_max,
            .when_backlog_full = policy};
  }

  /// Connects from a network that does nothing yet: what is sent waits until it is turned.
  std::shared_ptr<connection> connect_waiting(const connection_options& options) {
    const endpoint where = listen();
    polled_ = &start_network(network_options{.workers = 0});
    at_client_.expect_connection();
    return connect(*polled_, where, at_client_.make_handlers(), {.connection = options}).lock();
  }
  void turn_until_sent(const connection& mine) {
    ASSERT_TRUE(turn_until(*polled_, [&] { return mine.backlog_bytes() == 0; }));
  }
  void turn_until_closed() {
    ASSERT_TRUE(turn_until(*polled_, [&] { return at_client_.at().closed.has_value(); }));
  }
  network& polled() { return *polled_; }

 private:
  network* polled_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(engines, backlog_policies, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(backlog_policies, R4_2_refused_is_what_would_pass_by_a_byte_and_nothing_else_changes) {
  for (const backlog_policy policy : {backlog_policy::refuse, backlog_policy::pause_reading}) {
    const std::size_t before = at_server_.all().size();
    const auto mine = connect_waiting(limited(policy));
    ASSERT_TRUE(mine->send(pattern(5000 - 4, 1)));
    EXPECT_EQ(error_of(mine->send(pattern(5000 - 3, 2))), errc::backlog_full);
    ASSERT_TRUE(mine->send(pattern(5000 - 4, 3))) << "this one fits";
    EXPECT_EQ(error_of(mine->send("")), errc::backlog_full) << "an empty one has its framing";
    EXPECT_EQ(mine->backlog_bytes(), limit);
    EXPECT_FALSE(mine->is_closed());
    EXPECT_EQ(mine->stats().messages_refused, 2U);

    turn_until_sent(*mine);
    ASSERT_TRUE(mine->send("there is room again"));
    turn_until_sent(*mine);
    ASSERT_TRUE(eventually([&] { return at_server_.at(before).messages.size() == 3; }));
    EXPECT_EQ(at_server_.at(before).stream(),
              pattern(5000 - 4, 1) + pattern(5000 - 4, 3) + "there is room again");
    EXPECT_EQ(mine->stats().messages_refused, 2U);
    EXPECT_EQ(mine->stats().backlog_bytes_highest, limit);
    mine->abort();
    ASSERT_TRUE(turn_until(polled(), [&] { return polled().stats().open == 0; }));
  }
}

TEST_P(backlog_policies, R4_2_so_many_messages_may_wait_and_no_more) {
  for (const backlog_policy policy : {backlog_policy::refuse, backlog_policy::pause_reading}) {
    const std::size_t there = at_server_.all().size();
    const auto mine = connect_waiting(limited(policy, 3));
    for (std::size_t i = 0; i < 3; ++i) ASSERT_TRUE(mine->send(numbered(i)));
    EXPECT_EQ(error_of(mine->send("one too many")), errc::backlog_full);
    EXPECT_EQ(error_of(mine->send("")), errc::backlog_full);
    turn_until_sent(*mine);
    ASSERT_TRUE(mine->send(numbered(3)));
    turn_until_sent(*mine);
    ASSERT_TRUE(eventually([&] { return at_server_.at(there).messages.size() == 4; }));
    EXPECT_EQ(at_server_.at(there).stream(), "0:1:2:3:");
    EXPECT_EQ(mine->stats().messages_refused, 2U);
    mine->abort();
    ASSERT_TRUE(turn_until(polled(), [&] { return polled().stats().open == 0; }));
  }
}

TEST_P(backlog_policies, R4_2_a_message_that_the_bytes_refuse_takes_no_place_among_the_messages) {
  const auto mine = connect_waiting(limited(backlog_policy::refuse, 3));
  ASSERT_TRUE(mine->send(pattern(4996)));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(error_of(mine->send(pattern(5000))), errc::backlog_full);
  ASSERT_TRUE(mine->send("a"));
  ASSERT_TRUE(mine->send("b"));
  EXPECT_EQ(error_of(mine->send("c")), errc::backlog_full);
  turn_until_sent(*mine);
  EXPECT_TRUE(at_server_.received(3));
}

TEST_P(backlog_policies, R4_2_one_message_too_many_closes_where_the_policy_is_close) {
  const auto mine = connect_waiting(limited(backlog_policy::close, 3));
  for (std::size_t i = 0; i < 3; ++i) ASSERT_TRUE(mine->send(numbered(i)));
  EXPECT_EQ(error_of(mine->send("one too many")), errc::backlog_full);
  EXPECT_TRUE(mine->is_closed());
  EXPECT_EQ(error_of(mine->send("")), errc::closed);
  turn_until_closed();
  EXPECT_EQ(*at_client_.at().closed, close_cause::backlog);
  EXPECT_EQ(mine->stats().messages_refused, 1U);
  EXPECT_EQ(mine->stats().messages_sent + mine->stats().messages_lost, 3U);
}

TEST_P(backlog_policies, R4_2_what_another_thread_sends_faster_than_the_worker_takes_it_in_is_refused) {
  // Only the worker drops: what is on its way to it may fill the backlog once.
  const auto mine = connect_waiting(limited(backlog_policy::drop_oldest));
  for (std::size_t i = 0; i < 100; ++i) ASSERT_TRUE(mine->send(numbered(i, 96)));
  EXPECT_EQ(error_of(mine->send("")), errc::backlog_full);
  EXPECT_FALSE(mine->is_closed());
  ASSERT_TRUE(turn_until(polled(), [&] {
    const connection_stats now = mine->stats();
    return now.messages_sent + now.messages_dropped == 100;
  }));
  EXPECT_EQ(mine->stats().messages_refused, 1U);
  EXPECT_EQ(mine->stats().messages_dropped, 0U);
  EXPECT_TRUE(at_server_.received(100));
}

TEST_P(backlog_policies, R4_2_several_threads_together_fill_it_to_the_byte) {
  const auto mine = connect_waiting(limited(backlog_policy::refuse));
  constexpr std::size_t threads = 4;
  std::vector<std::vector<std::string>> accepted(threads);
  {
    std::vector<std::jthread> running;
    for (std::size_t t = 0; t < threads; ++t) {
      running.emplace_back([&, t] {
        for (std::size_t i = 0; i < 100; ++i) {
          const std::string message = std::to_string(t) + "/" + numbered(i, 94);
          if (mine->send(message)) accepted[t].push_back(message);
        }
      });
    }
  }
  std::size_t total = 0;
  for (const auto& each : accepted) total += each.size();
  EXPECT_EQ(total, limit / 100);
  EXPECT_EQ(mine->backlog_bytes(), limit);
  EXPECT_EQ(mine->stats().backlog_bytes_highest, limit);
  EXPECT_EQ(mine->stats().messages_refused, threads * 100 - total);
  turn_until_sent(*mine);
  ASSERT_TRUE(at_server_.received(total));
  const std::vector<std::string> got = at_server_.at().messages;
  EXPECT_EQ(got.size(), total);
  for (const auto& each : accepted) EXPECT_TRUE(are_some_of(each, got));
}

TEST_P(backlog_policies, R4_2_several_threads_together_fill_it_to_the_message) {
  const auto mine = connect_waiting(limited(backlog_policy::refuse, 77));
  std::atomic<std::size_t> accepted = 0;
  {
    std::vector<std::jthread> running;
    for (int t = 0; t < 4; ++t) {
      running.emplace_back([&] {
        for (int i = 0; i < 100; ++i) accepted += mine->send("x") ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(accepted, 77U);
  turn_until_sent(*mine);
  EXPECT_TRUE(at_server_.received(77));
}

TEST_P(backlog_policies, R4_2_close_sends_a_full_backlog_and_abort_does_not_whatever_the_policy) {
  std::ptrdiff_t policies = 0;
  for (const backlog_policy policy : {backlog_policy::close, backlog_policy::refuse,
                                      backlog_policy::drop_oldest, backlog_policy::pause_reading}) {
    ++policies;
    for (const bool in_good_order : {true, false}) {
      const std::size_t here = at_client_.all().size();
      connection_options options = limited(policy);
      options.max_message_bytes = 500;
      options.backlog_bytes_max = 20 * 100;
      const auto mine = connect_waiting(options);
      for (std::size_t i = 0; i < 20; ++i) ASSERT_TRUE(mine->send(numbered(i, 96)));
      in_good_order ? mine->close() : mine->abort();
      EXPECT_EQ(error_of(mine->send("x")), errc::closed) << "and not backlog_full";
      ASSERT_TRUE(turn_until(polled(), [&] { return at_client_.at(here).closed.has_value(); }));
      EXPECT_EQ(*at_client_.at(here).closed, close_cause::local);
      const connection_stats end = mine->stats();
      EXPECT_EQ(end.messages_refused, 0U);
      EXPECT_EQ(end.messages_dropped, 0U);
      EXPECT_EQ(end.backlog_bytes, 0U);
      EXPECT_EQ(end.messages_sent + end.messages_lost, 20U);
      if (!in_good_order) continue;
      EXPECT_EQ(end.messages_sent, 20U);
      ASSERT_TRUE(eventually([&] {
        return std::ranges::count_if(at_server_.all(), [](const record& each) {
                 return each.messages.size() == 20 && each.messages.back() == numbered(19, 96);
               }) == policies;
      }));
    }
  }
}

}  // namespace
}  // namespace naru::test
