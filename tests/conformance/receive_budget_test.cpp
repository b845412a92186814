// R6.6: how much a peer may send, to the moment. In a simulated world, whose time passes when the test says
// so.

#include <string>
#include <vector>

#include "support/udp_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class receive_budget_time : public udp_time_test {
 protected:
  static connection_options limited(const receive_budget& budget) {
    return {.budget = budget, .udp = {.idle_timeout = 0ms}};
  }
  static void send(connection& from, std::size_t count, std::size_t bytes = 1) {
    for (std::size_t i = 0; i < count; ++i) ASSERT_TRUE(from.send(pattern(bytes, i)));
  }
  std::size_t received() const { return at_server_.at().messages.size(); }
};

INSTANTIATE_TEST_SUITE_P(manual_time, receive_budget_time, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(receive_budget_time, R6_6_messages_past_it_wait_and_none_is_lost) {
  const link pair = open_link({.server = limited({.messages_per_second = 10})});
  send(*pair.client, 25);
  settle();
  EXPECT_EQ(received(), 10U);
  EXPECT_GE(pair.server->stats().reading_paused, 1U);
  pass(500ms);
  EXPECT_EQ(received(), 15U);
  pass(1'000ms);
  EXPECT_EQ(received(), 25U);
  for (std::size_t i = 0; i < 25; ++i) EXPECT_EQ(at_server_.at().messages[i], pattern(1, i));
}

TEST_P(receive_budget_time, R6_6_no_more_than_one_second_is_saved_up) {
  const link pair = open_link({.server = limited({.messages_per_second = 10})});
  pass(1h);
  send(*pair.client, 30);
  settle();
  EXPECT_EQ(received(), 10U);
  pass(100ms);
  EXPECT_EQ(received(), 11U);
  for (std::size_t step = 1; step <= 19; ++step) {
    pass(100ms);
    EXPECT_EQ(received(), 11 + step);
  }
}

TEST_P(receive_budget_time, R6_6_bytes_are_counted_without_framing) {
  const link pair = open_link({.server = limited({.bytes_per_second = 1000})});
  send(*pair.client, 10, 100);
  settle();
  EXPECT_EQ(received(), 10U);
  send(*pair.client, 10, 100);
  pass(90ms);
  EXPECT_LE(received(), 11U);
  pass(920ms);
  EXPECT_EQ(received(), 20U);
}

TEST_P(receive_budget_time, R6_6_a_message_larger_than_a_seconds_bytes_comes_and_is_paid_for) {
  const link pair = open_link({.server = limited({.bytes_per_second = 1000})});
  send(*pair.client, 1, 5000);
  send(*pair.client, 1, 100);
  settle();
  EXPECT_EQ(received(), 1U);
  pass(3'900ms);
  EXPECT_EQ(received(), 1U);
  pass(200ms);
  EXPECT_EQ(received(), 2U);
}

TEST_P(receive_budget_time, R6_6_the_one_message_too_many_closes) {
  const link pair = open_link({.server = limited({.messages_per_second = 10, .past = budget_policy::close})});
  send(*pair.client, 10);
  settle();
  EXPECT_FALSE(server_closed());
  pass(110ms);
  send(*pair.client, 1);
  settle();
  EXPECT_FALSE(server_closed());
  EXPECT_EQ(received(), 11U);
  send(*pair.client, 1);
  settle();
  ASSERT_TRUE(server_closed());
  EXPECT_EQ(*at_server_.at().closed, close_cause::rate);
  EXPECT_EQ(received(), 11U);
  EXPECT_EQ(server().stats().closed_by(close_cause::rate), 1U);
}

TEST_P(receive_budget_time, R6_6_the_one_byte_too_many_closes) {
  const link pair = open_link({.server = limited({.bytes_per_second = 1000, .past = budget_policy::close})});
  send(*pair.client, 2, 500);
  settle();
  EXPECT_FALSE(server_closed());
  send(*pair.client, 1, 1);
  settle();
  ASSERT_TRUE(server_closed());
  EXPECT_EQ(received(), 2U);
}

TEST_P(receive_budget_time, R6_6_its_users_pause_and_its_budgets_are_two) {
  const link pair = open_link({.server = limited({.messages_per_second = 10})});
  send(*pair.client, 25);
  settle();
  pair.server->resume_receiving();
  settle();
  EXPECT_EQ(received(), 10U) << "the budget says when";
  pair.server->pause_receiving();
  pass(10s);
  EXPECT_EQ(received(), 10U) << "its user says whether";
  pair.server->resume_receiving();
  settle();
  EXPECT_EQ(received(), 20U);
  pass(600ms);
  EXPECT_EQ(received(), 25U);
}

TEST_P(receive_budget_time, R6_6_others_are_not_held_up) {
  const connection_options options = limited({.messages_per_second = 10});
  const link pair = open_link({.server = options});
  const link other = open_link({.server = options});
  send(*pair.client, 25);
  send(*other.client, 10);
  settle();
  EXPECT_EQ(received(), 10U);
  EXPECT_EQ(at_server_.at(1).messages.size(), 10U);
}

TEST_P(receive_budget_time, R6_6_udp_what_is_past_it_is_thrown_away_and_counted) {
  const link pair = open_pair({.connection = limited({.messages_per_second = 10})});
  send(*pair.client, 24);  // and the one that made the connection
  settle();
  EXPECT_EQ(received(), 10U);
  EXPECT_EQ(pair.server->stats().datagrams_ignored, 15U);
  pass(510ms);
  send(*pair.client, 10);
  settle();
  EXPECT_EQ(received(), 15U);
  EXPECT_EQ(pair.server->stats().datagrams_ignored, 20U);
  EXPECT_EQ(server().stats().udp.datagrams_ignored, 20U);
}

TEST_P(receive_budget_time, R6_6_udp_bytes) {
  const link pair = open_pair({.connection = limited({.bytes_per_second = 1005})});
  send(*pair.client, 20, 100);
  settle();
  EXPECT_EQ(received(), 11U);
  EXPECT_EQ(pair.server->stats().datagrams_ignored, 10U);
}

TEST_P(receive_budget_time, R6_6_udp_the_one_too_many_closes) {
  const link pair =
      open_pair({.connection = limited({.messages_per_second = 10, .past = budget_policy::close})});
  send(*pair.client, 9);
  settle();
  EXPECT_FALSE(server_closed());
  send(*pair.client, 1);
  settle();
  ASSERT_TRUE(server_closed());
  EXPECT_EQ(*at_server_.at().closed, close_cause::rate);
}

}  // namespace
}  // namespace naru::test
