// R4.2: how long a byte may wait, under each policy. In a simulated world, whose time passes when the test
// says so.

#include <string>
#include <vector>

#include "support/pressure.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class backlog_age : public pressure_test {
 protected:
  static connection_options aged(backlog_policy policy) {
    return {.backlog_age_max = 10s, .when_backlog_full = policy, .udp = {.idle_timeout = 0ms}};
  }
};

INSTANTIATE_TEST_SUITE_P(manual_time, backlog_age, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(backlog_age, R4_2_close_ends_when_a_byte_has_waited_for_too_long) {
  const link pair = open_deaf_link({.client = aged(backlog_policy::close)});
  pass(60s);
  EXPECT_FALSE(client_closed()) << "nothing waits";
  static_cast<void>(clog(*pair.client));
  pass(5s);
  ASSERT_TRUE(pair.client->send("younger"));
  pass(4'800ms);
  EXPECT_FALSE(client_closed());
  pass(400ms);
  ASSERT_TRUE(client_closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::backlog);
  EXPECT_EQ(error_of(pair.client->send("x")), errc::closed);
}

TEST_P(backlog_age, R4_2_what_leaves_in_time_is_none_too_old) {
  const link pair = open_deaf_link({.client = aged(backlog_policy::close)});
  for (int round = 0; round < 4; ++round) {
    static_cast<void>(clog(*pair.client));
    pass(8s);
    ASSERT_FALSE(client_closed()) << "round " << round;
    pair.server->resume_receiving();
    settle();
    ASSERT_EQ(pair.client->backlog_bytes(), 0U);
    pair.server->pause_receiving();
    settle();
  }
}

TEST_P(backlog_age, R4_2_refuse_lets_nothing_more_in_until_it_has_gone) {
  for (const backlog_policy policy : {backlog_policy::refuse, backlog_policy::pause_reading}) {
    const link pair = open_deaf_link({.client = aged(policy)});
    const std::size_t there = at_server_.all().size() - 1;
    std::vector<std::string> expected = clog(*pair.client);
    pass(9'800ms);
    for (const sender where : {sender::handler, sender::thread}) {
      expected.emplace_back("in time");
      from(where, *pair.client, [](connection& self) { EXPECT_TRUE(self.send("in time")); });
    }
    pass(400ms);
    for (const sender where : {sender::handler, sender::thread}) {
      from(where, *pair.client, [](connection& self) {
        EXPECT_EQ(error_of(self.send("too late")), errc::backlog_full);
        EXPECT_EQ(error_of(self.send_latest(1, "too late")), errc::backlog_full);
      });
    }
    EXPECT_FALSE(pair.client->is_closed());
    EXPECT_EQ(pair.client->stats().messages_refused, 4U);
    pair.server->resume_receiving();
    settle();
    expected.emplace_back("again");
    from(sender::thread, *pair.client, [](connection& self) { EXPECT_TRUE(self.send("again")); });
    EXPECT_TRUE(at_server_.at(there).messages == expected);
    EXPECT_EQ(pair.client->stats().messages_dropped, 0U);
  }
}

TEST_P(backlog_age, R4_2_drop_oldest_drops_each_in_its_time_but_what_is_on_its_way) {
  const link pair = open_deaf_link({.client = aged(backlog_policy::drop_oldest)});
  std::vector<std::string> expected = clog(*pair.client);
  for (std::size_t i = 0; i < 5; ++i) {
    pass(1s);
    ASSERT_TRUE(pair.client->send(numbered(i)));
    settle();
  }
  pass(5'100ms);
  EXPECT_TRUE(run_inside(*pair.client, [](connection& self) {
    EXPECT_EQ(error_of(self.send("no")), errc::backlog_full) << "what is on its way is too old";
  }));
  for (std::uint64_t dropped = 0; dropped < 3; ++dropped) {
    pass(700ms);
    EXPECT_EQ(pair.client->stats().messages_dropped, dropped);
    pass(300ms);
    EXPECT_EQ(pair.client->stats().messages_dropped, dropped + 1);
  }
  EXPECT_FALSE(client_closed());
  expected.push_back(numbered(3));
  expected.push_back(numbered(4));
  pair.server->resume_receiving();
  settle();
  EXPECT_TRUE(at_server_.at().messages == expected);
  EXPECT_TRUE(pair.client->send("again"));
  settle();
  EXPECT_EQ(at_server_.at().messages.back(), "again");
}

TEST_P(backlog_age, R4_2_udp_all_but_drop_oldest_let_nothing_more_in) {
  for (const backlog_policy policy :
       {backlog_policy::close, backlog_policy::refuse, backlog_policy::pause_reading}) {
    const link pair = open_pair({.connection = aged(policy)});
    ASSERT_TRUE(pair.server->send(pattern(500)));
    pass(9'800ms);
    ASSERT_TRUE(pair.server->send(pattern(500)));
    pass(400ms);
    EXPECT_EQ(error_of(pair.server->send("too late")), errc::backlog_full);
    EXPECT_FALSE(pair.server->is_closed());
    ASSERT_TRUE(pair.client->send(pattern(900)));
    settle();
    EXPECT_EQ(pair.server->stats().messages_sent, 2U);
    EXPECT_TRUE(pair.server->send("again"));
    settle();
  }
}

TEST_P(backlog_age, R4_2_udp_drop_oldest_drops_each_in_its_time) {
  const link pair = open_pair({.connection = aged(backlog_policy::drop_oldest)});
  for (std::size_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(pair.server->send(numbered(i, 500)));
    pass(2s);
  }
  EXPECT_EQ(pair.server->stats().messages_dropped, 1U);
  pass(1'700ms);
  EXPECT_EQ(pair.server->stats().messages_dropped, 1U);
  pass(400ms);
  EXPECT_EQ(pair.server->stats().messages_dropped, 2U);
  ASSERT_TRUE(pair.client->send(pattern(900)));
  settle();
  EXPECT_EQ(at_client_.at().messages, (std::vector{numbered(2, 500), numbered(3, 500), numbered(4, 500)}));
}

}  // namespace
}  // namespace naru::test
