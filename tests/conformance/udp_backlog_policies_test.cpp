// R4.2: what happens at the limits of a UDP connection's backlog. What is sent to a peer on probation waits
// for its second datagram, on every engine.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "support/pressure.hpp"

namespace naru::test {
namespace {

class udp_backlog_policies : public udp_test {
 protected:
  static connection_options limited(backlog_policy policy, std::size_t messages_max = 0) {
    return {.max_message_bytes = 1000,
            .backlog_bytes_max = 1000,
            .backlog_messages_max = messages_max,
            .when_backlog_full = policy};
  }
  /// A renter to whose peer nothing of some size can leave yet.
  link open_waiting(const connection_options& options) { return open_pair({.connection = options}); }

  void send_from(sender where, connection& of, const std::function<void(connection&)>& act) {
    if (where == sender::handler) {
      ASSERT_TRUE(run_inside(of, act));
    } else {
      act(of);
      ASSERT_TRUE(run_inside(of, [](connection&) {}));  // the worker has taken it in
    }
  }
  void let_leave(const link& pair) {
    ASSERT_TRUE(pair.client->send(pattern(900)));
    pair.server->confirm();
    ASSERT_TRUE(eventually([&] { return pair.server->backlog_bytes() == 0; }));
  }
};

INSTANTIATE_TEST_SUITE_P(engines, udp_backlog_policies, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(udp_backlog_policies, R4_2_close_and_refuse_refuse_at_the_byte_and_the_connection_lives) {
  std::size_t expected = 0;
  for (const backlog_policy policy : {backlog_policy::close, backlog_policy::refuse}) {
    for (const sender where : {sender::handler, sender::thread}) {
      const link pair = open_waiting(limited(policy));
      send_from(where, *pair.server, [&](connection& self) {
        for (std::size_t i = 0; i < 9; ++i) EXPECT_TRUE(self.send(numbered(i, 100)));
        EXPECT_EQ(error_of(self.send(numbered(9, 101))), errc::backlog_full);
        EXPECT_TRUE(self.send(numbered(9, 100)));
        EXPECT_EQ(self.backlog_bytes(), 1000U);
        EXPECT_EQ(error_of(self.send("")), errc::backlog_full);
        EXPECT_FALSE(self.is_closed());
      });
      EXPECT_EQ(pair.server->stats().messages_refused, 2U);
      let_leave(pair);
      ASSERT_TRUE(at_client_.received(expected += 10));
      EXPECT_TRUE(eventually([&] { return pair.server->stats().messages_sent == 10; }));
    }
  }
}

TEST_P(udp_backlog_policies, R4_2_so_many_messages_may_wait) {
  for (const backlog_policy policy :
       {backlog_policy::close, backlog_policy::refuse, backlog_policy::pause_reading}) {
    for (const sender where : {sender::handler, sender::thread}) {
      const link pair = open_waiting(limited(policy, 3));
      send_from(where, *pair.server, [](connection& self) {
        for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(self.send(numbered(i, 50)));
        EXPECT_EQ(error_of(self.send(numbered(3, 50))), errc::backlog_full);
      });
      let_leave(pair);
      EXPECT_TRUE(pair.server->send("again"));
      ASSERT_TRUE(eventually([&] { return pair.server->stats().messages_sent == 4; }));
      EXPECT_EQ(pair.server->stats().messages_refused, 1U);
    }
  }
}

TEST_P(udp_backlog_policies, R4_2_drop_oldest_keeps_the_newest) {
  std::size_t index = 0;
  for (const std::size_t messages_max : {std::size_t{0}, std::size_t{4}}) {
    for (const sender where : {sender::handler, sender::thread}) {
      const std::size_t kept = messages_max == 0 ? 10 : messages_max;
      const link pair = open_waiting(limited(backlog_policy::drop_oldest, messages_max));
      for (std::size_t i = 0; i < 25; ++i) {
        send_from(where, *pair.server, [i](connection& self) { EXPECT_TRUE(self.send(numbered(i, 100))); });
      }
      EXPECT_EQ(pair.server->stats().messages_dropped, 25 - kept);
      EXPECT_EQ(pair.server->backlog_bytes(), kept * 100);
      EXPECT_EQ(pair.server->stats().backlog_messages, kept);
      let_leave(pair);
      std::vector<std::string> expected;
      for (std::size_t i = 25 - kept; i < 25; ++i) expected.push_back(numbered(i, 100));
      ASSERT_TRUE(eventually([&] { return at_client_.at(index).messages.size() == kept; }));
      EXPECT_TRUE(at_client_.at(index++).messages == expected);
      EXPECT_EQ(pair.server->stats().messages_refused, 0U);
    }
  }
}

TEST_P(udp_backlog_policies, R4_2_several_threads_together_fill_it_to_the_byte) {
  const link pair = open_waiting(limited(backlog_policy::refuse));
  std::atomic<std::size_t> accepted = 0;
  {
    std::vector<std::jthread> running;
    for (int t = 0; t < 4; ++t) {
      running.emplace_back([&] {
        for (std::size_t i = 0; i < 100; ++i) accepted += pair.server->send(numbered(i, 100)) ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(accepted, 10U);
  EXPECT_EQ(pair.server->backlog_bytes(), 1000U);
  EXPECT_EQ(pair.server->stats().messages_refused, 390U);
}

TEST_P(udp_backlog_policies, R4_2_pause_reading_throws_away_and_counts_and_does_not_lock_itself_out) {
  connection_options options = limited(backlog_policy::pause_reading);
  options.backlog_high_bytes = 300;
  options.backlog_low_bytes = 100;
  const link pair = open_waiting(options);
  send_from(sender::thread, *pair.server, [](connection& self) {
    for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(self.send(numbered(i, 100)));
  });
  ASSERT_TRUE(at_server_.backlog_high());
  EXPECT_EQ(pair.server->stats().reading_paused, 1U);
  EXPECT_EQ(at_server_.at().drains, 0U);
  // Nothing is read from the peer, and yet its datagram says that it is there.
  ASSERT_TRUE(pair.client->send(pattern(900)));
  ASSERT_TRUE(at_server_.drained());
  EXPECT_EQ(pair.server->stats().datagrams_ignored, 1U);
  ASSERT_TRUE(at_client_.received(3));
  ASSERT_TRUE(pair.client->send("heard again"));
  ASSERT_TRUE(at_server_.received(2));
  EXPECT_EQ(at_server_.at().messages.back(), "heard again");
}

TEST_P(udp_backlog_policies, R4_2_watermarks_are_told_once_for_each_crossing) {
  connection_options options = limited(backlog_policy::refuse);
  options.backlog_high_bytes = 300;
  options.backlog_low_bytes = 100;
  const link pair = open_waiting(options);
  send_from(sender::handler, *pair.server, [](connection& self) {
    EXPECT_TRUE(self.send(pattern(100)));
    EXPECT_TRUE(self.send(pattern(199)));
  });
  ASSERT_TRUE(run_inside(*pair.server, [](connection&) {}));
  EXPECT_EQ(at_server_.at().backlog_highs, 0U);
  send_from(sender::thread, *pair.server, [](connection& self) { EXPECT_TRUE(self.send("")); });
  ASSERT_TRUE(at_server_.backlog_high());
  send_from(sender::handler, *pair.server, [](connection& self) { EXPECT_TRUE(self.send(pattern(600))); });
  let_leave(pair);
  ASSERT_TRUE(at_server_.drained());
  EXPECT_EQ(at_server_.at().backlog_highs, 1U);
}

TEST_P(udp_backlog_policies, R4_2_close_tells_of_what_is_lost_whatever_the_policy) {
  std::size_t index = 0;
  for (const backlog_policy policy : {backlog_policy::close, backlog_policy::refuse,
                                      backlog_policy::drop_oldest, backlog_policy::pause_reading}) {
    const link pair = open_waiting(limited(policy));
    send_from(sender::thread, *pair.server, [](connection& self) {
      for (std::size_t i = 0; i < 10; ++i) EXPECT_TRUE(self.send(numbered(i, 100)));
    });
    pair.server->abort();
    ASSERT_TRUE(at_server_.closed(++index));
    EXPECT_EQ(pair.server->stats().messages_lost, 10U);
    EXPECT_EQ(pair.server->backlog_bytes(), 0U);
    EXPECT_EQ(error_of(pair.server->send("x")), errc::closed);
  }
}

}  // namespace
}  // namespace naru::test
