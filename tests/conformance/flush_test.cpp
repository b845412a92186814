// R4.5: when what was sent leaves. In a simulated world, whose time passes when the test says so.

#include <string>
#include <vector>

#include "support/pressure.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class flush : public udp_time_test {
 protected:
  static connection_options flushing(flush_policy when) {
    return {.flush = when, .flush_interval = 100ms, .udp = {.idle_timeout = 0ms}};
  }
  /// A renter that may send what it likes.
  link open_udp(flush_policy when) {
    return open_pair({.connection = flushing(when), .strangers = {.amplification_max = 0}});
  }
  /// Time stands at a tick when a test begins, and 10 ms before one when this is called.
  void pass_the_tick() { pass(20ms); }
};

INSTANTIATE_TEST_SUITE_P(manual_time, flush, testing::Values(simulated_engines().front()), engine_name{});

TEST_P(flush, R4_5_what_a_handler_sends_leaves_at_once_or_at_the_end_of_its_dispatch) {
  for (const flush_policy when : {flush_policy::end_of_dispatch, flush_policy::at_once}) {
    const link pair = open_link({.client = flushing(when)});
    const link by_udp = open_udp(when);
    const bool at_once = when == flush_policy::at_once;
    for (const auto& self : {pair.client, by_udp.server}) {
      ASSERT_TRUE(run_inside(*self, [&](connection& peer) {
        for (std::uint64_t i = 1; i <= 3; ++i) {
          EXPECT_TRUE(peer.send("x"));
          EXPECT_EQ(peer.stats().messages_sent, at_once ? i : 0U);
        }
        const message shared = message::make("shared").value();
        EXPECT_TRUE(peer.send(shared));
        EXPECT_EQ(peer.stats().messages_sent, at_once ? 4U : 0U);
      }));
      settle();
      EXPECT_EQ(self->stats().messages_sent, 4U);
    }
  }
}

TEST_P(flush, R4_5_a_tick_sends_all_together_and_nothing_before) {
  const link pair = open_link({.client = flushing(flush_policy::tick)});
  const link by_udp = open_udp(flush_policy::tick);
  for (int round = 1; round <= 3; ++round) {
    for (const auto& self : {pair.client, by_udp.server}) {
      ASSERT_TRUE(self->send("from a thread"));
      ASSERT_TRUE(run_inside(*self, [](connection& peer) {
        EXPECT_TRUE(peer.send("from a handler"));
        EXPECT_TRUE(peer.send_latest(1, "old"));
        EXPECT_TRUE(peer.send_latest(1, "new"));
      }));
    }
    pass(50ms);
    for (const auto& self : {pair.client, by_udp.server}) {
      const message shared = message::make("shared").value();
      ASSERT_TRUE(self->send(shared));
    }
    pass(40ms);
    const auto before = static_cast<std::uint64_t>(round - 1) * 4;
    EXPECT_EQ(pair.client->stats().messages_sent, before);
    EXPECT_EQ(by_udp.server->stats().messages_sent, before);
    pass_the_tick();
    EXPECT_EQ(pair.client->stats().messages_sent, before + 4);
    EXPECT_EQ(by_udp.server->stats().messages_sent, before + 4);
    EXPECT_EQ(pair.client->stats().messages_replaced, static_cast<std::uint64_t>(round));
    pass(90ms);
  }
  std::vector<std::string> expected;
  for (int round = 0; round < 3; ++round) {
    for (const char* each : {"from a thread", "from a handler", "new", "shared"}) expected.emplace_back(each);
  }
  EXPECT_EQ(at_server_.at(0).messages, expected);
  EXPECT_EQ(at_client_.at(1).messages, expected);
}

TEST_P(flush, R4_5_ticks_are_the_same_for_all_connections_of_an_interval) {
  const link first = open_link({.client = flushing(flush_policy::tick)});
  pass(30ms);
  const link second = open_link({.client = flushing(flush_policy::tick)});
  ASSERT_TRUE(first.client->send("x"));
  pass(30ms);
  ASSERT_TRUE(second.client->send("x"));
  pass(30ms);
  EXPECT_EQ(client().stats().messages_sent, 0U);
  pass_the_tick();
  EXPECT_EQ(first.client->stats().messages_sent, 1U);
  EXPECT_EQ(second.client->stats().messages_sent, 1U);
}

TEST_P(flush, R4_5_64_kib_do_not_wait_for_the_tick) {
  const link pair = open_link({.client = flushing(flush_policy::tick)});
  ASSERT_TRUE(run_inside(*pair.client, [](connection& self) {
    for (int i = 0; i < 15; ++i) EXPECT_TRUE(self.send(pattern(4000)));
  }));
  settle();
  EXPECT_EQ(pair.client->stats().messages_sent, 0U);
  ASSERT_TRUE(run_inside(*pair.client, [](connection& self) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(self.send(pattern(4000)));
  }));
  settle();
  EXPECT_GE(pair.client->stats().messages_sent, 16U);
}

TEST_P(flush, R4_5_udp_64_kib_do_not_wait_for_the_tick) {
  const link by_udp = open_udp(flush_policy::tick);
  for (int i = 0; i < 655; ++i) ASSERT_TRUE(by_udp.server->send(pattern(100)));
  settle();
  EXPECT_EQ(by_udp.server->stats().messages_sent, 0U);
  ASSERT_TRUE(by_udp.server->send(pattern(100)));
  settle();
  EXPECT_EQ(by_udp.server->stats().messages_sent, 656U) << "all of them together";
}

TEST_P(flush, R4_5_a_limit_refuses_nothing_that_could_leave_before_the_tick) {
  for (const backlog_policy policy : {backlog_policy::close, backlog_policy::drop_oldest}) {
    connection_options options = flushing(flush_policy::tick);
    options.max_message_bytes = 1000;
    options.backlog_bytes_max = 10'040;
    options.when_backlog_full = policy;
    options.udp.max_datagram_bytes = 1000;
    const link pair = open_link({.client = options});
    const link by_udp = open_pair({.connection = options, .strangers = {.amplification_max = 0}});
    for (const auto& self : {pair.client, by_udp.server}) {
      ASSERT_TRUE(run_inside(*self, [](connection& peer) {
        for (int i = 0; i < 50; ++i) EXPECT_TRUE(peer.send(pattern(1000)));
      }));
      pass_the_tick();
      pass(100ms);
      EXPECT_EQ(self->stats().messages_sent, 50U);
      EXPECT_EQ(self->stats().messages_refused + self->stats().messages_dropped, 0U);
    }
  }
}

TEST_P(flush, R4_5_udp_what_a_peer_on_probation_may_not_be_sent_waits_beyond_the_tick) {
  const link pair = open_pair({.connection = flushing(flush_policy::tick)});
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(pair.server->send(pattern(4000)));
  for (int tick = 0; tick < 3; ++tick) pass(100ms);
  EXPECT_EQ(pair.server->stats().messages_sent, 0U);
  ASSERT_TRUE(pair.client->send("out of probation"));
  settle();
  pass(100ms);
  EXPECT_EQ(pair.server->stats().messages_sent, 20U);
}

TEST_P(flush, R4_5_closing_does_not_wait_for_the_tick) {
  const link pair = open_link({.client = flushing(flush_policy::tick)});
  const link by_udp = open_udp(flush_policy::tick);
  for (const auto& self : {pair.client, by_udp.server}) {
    ASSERT_TRUE(self->send("last words"));
    settle();
    EXPECT_EQ(self->stats().messages_sent, 0U);
    self->close();
    settle();
    EXPECT_EQ(self->stats().messages_sent, 1U);
    EXPECT_EQ(self->stats().messages_lost, 0U);
  }
  EXPECT_EQ(at_server_.at(0).messages, std::vector<std::string>{"last words"});
  EXPECT_EQ(at_client_.at(1).messages, std::vector<std::string>{"last words"});
  EXPECT_TRUE(client_closed(0));
}

TEST_P(flush, R4_5_the_end_of_the_peers_stream_sends_what_waits_for_the_tick) {
  const link pair = open_link({.client = flushing(flush_policy::tick)});
  ASSERT_TRUE(pair.client->send("answer"));
  settle();
  pair.server->close();
  settle();
  EXPECT_TRUE(client_closed());
  EXPECT_TRUE(server_closed());
  EXPECT_EQ(pair.client->stats().messages_sent, 1U);
  EXPECT_EQ(pair.client->stats().messages_lost, 0U);
}

}  // namespace
}  // namespace naru::test
