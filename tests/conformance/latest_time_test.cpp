// R4.3: send_latest while a peer does not read: which one is replaced, and the limits. In a simulated world
// whose streams hold little.

#include <string>
#include <vector>

#include "support/pressure.hpp"

namespace naru::test {
namespace {

class latest_waiting : public pressure_test {
 protected:
  static connection_options limited(backlog_policy policy = backlog_policy::refuse) {
    return {.max_message_bytes = 9996, .backlog_bytes_max = 10'000, .when_backlog_full = policy};
  }
};

INSTANTIATE_TEST_SUITE_P(manual_time, latest_waiting, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(latest_waiting, R4_3_the_newest_takes_the_place_of_the_one_that_waits) {
  for (const sender where : {sender::handler, sender::thread}) {
    const std::size_t there = at_server_.all().size();
    const link pair = open_deaf_link({.client = limited()});
    std::vector<std::string> expected = clog(*pair.client);
    const auto send = [&](std::uint64_t key, const std::string& text) {
      from(where, *pair.client, [&](connection& self) { EXPECT_TRUE(self.send_latest(key, text)); });
    };
    send(1, "one");
    send(2, "two");
    from(where, *pair.client, [](connection& self) { EXPECT_TRUE(self.send("plain")); });
    send(3, pattern(700));
    send(0, "");
    const std::size_t before = pair.client->backlog_bytes();
    for (std::size_t i = 0; i < 30; ++i) send(1, pattern(100 * i, i));
    send(3, "3");
    send(0, "key 0");
    EXPECT_EQ(pair.client->stats().messages_replaced, 32U);
    EXPECT_EQ(pair.client->backlog_bytes(), before - 3 + 2900 - 699 + 5);
    for (const std::string& each : {pattern(2900, 29), std::string{"two"}, std::string{"plain"},
                                    std::string{"3"}, std::string{"key 0"}}) {
      expected.push_back(each);
    }
    pair.server->resume_receiving();
    settle();
    EXPECT_TRUE(at_server_.at(there).messages == expected);
    EXPECT_EQ(pair.client->stats().messages_sent, expected.size());
    EXPECT_EQ(pair.client->backlog_bytes(), 0U);
  }
}

TEST_P(latest_waiting, R4_3_one_that_is_on_its_way_is_not_replaced) {
  const link pair = open_deaf_link({.client = limited()});
  const std::string begun = pattern(5000, 1);
  ASSERT_TRUE(pair.client->send_latest(1, begun));
  settle();
  ASSERT_GT(pair.client->stats().bytes_sent, 0U);
  ASSERT_GT(pair.client->backlog_bytes(), 0U);
  ASSERT_TRUE(pair.client->send_latest(1, "second"));
  settle();
  ASSERT_TRUE(pair.client->send_latest(1, "third"));
  settle();
  EXPECT_EQ(pair.client->stats().messages_replaced, 1U);
  pair.server->resume_receiving();
  settle();
  EXPECT_EQ(at_server_.at().messages, (std::vector<std::string>{begun, "third"}));
}

TEST_P(latest_waiting, R4_3_a_replacement_that_would_pass_the_limit_is_refused_and_the_former_stays) {
  for (const sender where : {sender::handler, sender::thread}) {
    const std::size_t there = at_server_.all().size();
    const link pair = open_deaf_link({.client = limited()});
    std::vector<std::string> expected = clog(*pair.client);
    expected.emplace_back("former");
    from(where, *pair.client, [](connection& self) {
      EXPECT_TRUE(self.send_latest(1, "former"));
      const std::size_t room = 10'000 - self.backlog_bytes();
      EXPECT_EQ(error_of(self.send_latest(1, pattern(6 + room + 1))), errc::backlog_full);
      EXPECT_EQ(self.stats().messages_refused, 1U);
      EXPECT_EQ(self.backlog_bytes(), 10'000 - room) << "nothing has changed";
    });
    pair.server->resume_receiving();
    settle();
    EXPECT_TRUE(at_server_.at(there).messages == expected);
    pair.server->pause_receiving();
    settle();

    EXPECT_FALSE(clog(*pair.client).empty());
    from(where, *pair.client, [](connection& self) {
      EXPECT_TRUE(self.send_latest(1, "former"));
      const std::size_t room = 10'000 - self.backlog_bytes();
      EXPECT_TRUE(self.send_latest(1, pattern(6 + room))) << "to the byte";
      EXPECT_EQ(self.backlog_bytes(), 10'000U);
      EXPECT_EQ(error_of(self.send_latest(2, "")), errc::backlog_full);
      EXPECT_TRUE(self.send_latest(1, "smaller makes room"));
      EXPECT_TRUE(self.send_latest(2, ""));
    });
    EXPECT_FALSE(pair.client->is_closed());
  }
}

TEST_P(latest_waiting, R4_3_a_replacement_that_would_pass_the_limit_closes_where_the_policy_is_close) {
  for (const sender where : {sender::handler, sender::thread}) {
    const std::size_t here = at_client_.all().size();
    const link pair = open_deaf_link({.client = limited(backlog_policy::close)});
    static_cast<void>(clog(*pair.client));
    from(where, *pair.client, [](connection& self) {
      EXPECT_TRUE(self.send_latest(1, pattern(8000)));
      EXPECT_TRUE(self.send(pattern(1800 - self.backlog_bytes() % 1000)));
      const std::size_t room = 10'000 - self.backlog_bytes();
      EXPECT_EQ(error_of(self.send_latest(1, pattern(8001 + room))), errc::backlog_full);
      EXPECT_TRUE(self.is_closed());
      EXPECT_EQ(error_of(self.send_latest(1, "")), errc::closed);
    });
    ASSERT_TRUE(at_client_.at(here).closed);
    EXPECT_EQ(*at_client_.at(here).closed, close_cause::backlog);
  }
}

TEST_P(latest_waiting, R4_3_a_replacement_takes_no_place_among_the_messages) {
  connection_options options = limited();
  options.backlog_messages_max = 3;
  const link pair = open_deaf_link({.client = options});
  static_cast<void>(clog(*pair.client));
  for (const sender where : {sender::handler, sender::thread}) {
    from(where, *pair.client, [](connection& self) {
      for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(self.send_latest(1, "x"));
        EXPECT_TRUE(self.send_latest(2, "y"));
      }
      EXPECT_EQ(error_of(self.send_latest(3, "z")), errc::backlog_full);
    });
  }
}

TEST_P(latest_waiting, R4_3_what_is_dropped_is_not_replaced) {
  const link pair = open_deaf_link({.client = limited(backlog_policy::drop_oldest)});
  std::vector<std::string> expected = clog(*pair.client);
  EXPECT_TRUE(run_inside(*pair.client, [](connection& self) {
    EXPECT_TRUE(self.send_latest(1, pattern(500)));
    EXPECT_TRUE(self.send(pattern(9000)));
    EXPECT_TRUE(self.send(pattern(500, 1)));
    EXPECT_EQ(self.stats().messages_dropped, 1U);
    EXPECT_TRUE(self.send_latest(1, "anew"));
    EXPECT_EQ(self.stats().messages_replaced, 0U);
  }));
  settle();
  pair.server->resume_receiving();
  settle();
  for (const std::string& each : {pattern(9000), pattern(500, 1), std::string{"anew"}})
    expected.push_back(each);
  EXPECT_TRUE(at_server_.at().messages == expected);
}

TEST_P(latest_waiting, R4_3_what_waits_at_the_end_is_lost_once) {
  const link pair = open_deaf_link({.client = limited()});
  const std::size_t clogged = clog(*pair.client).size();
  for (std::size_t i = 0; i < 10; ++i) EXPECT_TRUE(pair.client->send_latest(i % 2, numbered(i)));
  settle();
  pair.client->abort();
  settle();
  const connection_stats end = pair.client->stats();
  EXPECT_EQ(end.messages_replaced, 8U);
  EXPECT_EQ(end.messages_sent + end.messages_lost, clogged + 2);
  EXPECT_EQ(end.messages_lost, 3U) << "two values, and the one that has begun to leave";
}

TEST_P(latest_waiting, R4_3_in_every_framing_the_newest_takes_the_place) {
  for (const framing& frames : {framing::raw(), framing::lines(), framing::length_prefix(2)}) {
    for (const sender where : {sender::handler, sender::thread}) {
      const std::size_t there = at_server_.all().size();
      const link pair = open_deaf_link({.server = {.frames = frames}, .client = {.frames = frames}});
      std::string expected;
      for (const std::string& each : clog(*pair.client)) expected += each;
      from(where, *pair.client, [](connection& self) {
        EXPECT_TRUE(self.send_latest(1, "old"));
        EXPECT_TRUE(self.send_latest(2, "stays"));
      });
      from(where, *pair.client, [](connection& self) { EXPECT_TRUE(self.send_latest(1, "the newest")); });
      EXPECT_EQ(pair.client->stats().messages_replaced, 1U);
      pair.server->resume_receiving();
      settle();
      EXPECT_EQ(at_server_.at(there).stream(), expected + "the newest" + "stays");
      EXPECT_EQ(pair.client->backlog_bytes(), 0U);
    }
  }
}

TEST_P(latest_waiting, R4_3_what_its_framing_cannot_say_leaves_the_former_one) {
  const link pair =
      open_deaf_link({.server = {.frames = framing::lines()}, .client = {.frames = framing::lines()}});
  std::vector<std::string> expected = clog(*pair.client);
  ASSERT_TRUE(pair.client->send_latest(1, "former"));
  settle();
  EXPECT_EQ(error_of(pair.client->send_latest(1, "two\nlines")), errc::invalid_message);
  EXPECT_EQ(error_of(pair.client->send_latest(1, pattern(std::size_t{2} << 20))), errc::message_too_large);
  EXPECT_EQ(pair.client->stats().messages_replaced, 0U);
  pair.server->resume_receiving();
  settle();
  expected.emplace_back("former");
  EXPECT_TRUE(at_server_.at().messages == expected);
}

TEST_P(latest_waiting, R4_3_one_that_is_renewed_does_not_grow_old) {
  connection_options options = limited(backlog_policy::drop_oldest);
  options.backlog_age_max = std::chrono::seconds{10};
  const link pair = open_deaf_link({.client = options});
  std::vector<std::string> expected = clog(*pair.client);
  ASSERT_TRUE(pair.client->send_latest(1, "0"));
  ASSERT_TRUE(pair.client->send_latest(2, "too old some time"));
  for (int step = 1; step <= 5; ++step) {
    pass(std::chrono::seconds{4});
    ASSERT_TRUE(pair.client->send_latest(1, std::to_string(step)));
    settle();
  }
  EXPECT_EQ(pair.client->stats().messages_dropped, 1U);
  EXPECT_EQ(pair.client->stats().messages_replaced, 5U);
  pair.server->resume_receiving();
  settle();
  expected.emplace_back("5");
  EXPECT_TRUE(at_server_.at().messages == expected);
}

TEST_P(latest_waiting, R4_3_udp_one_that_is_renewed_does_not_grow_old) {
  const link pair = open_pair({.connection = {.backlog_age_max = std::chrono::seconds{10},
                                              .when_backlog_full = backlog_policy::drop_oldest,
                                              .udp = {.idle_timeout = {}}}});
  ASSERT_TRUE(pair.server->send_latest(1, pattern(500)));
  ASSERT_TRUE(pair.server->send_latest(2, "too old some time"));
  ASSERT_TRUE(pair.server->send("too old as well"));
  for (std::size_t step = 1; step <= 5; ++step) {
    pass(std::chrono::seconds{4});
    ASSERT_TRUE(pair.server->send_latest(1, pattern(500, step)));
    settle();
    EXPECT_EQ(pair.server->stats().messages_dropped, step < 3 ? 0U : 2U) << "step " << step;
  }
  EXPECT_EQ(pair.server->stats().messages_replaced, 5U);
  ASSERT_TRUE(pair.client->send(pattern(900)));
  settle();
  EXPECT_EQ(at_client_.at().messages, std::vector{pattern(500, 5)});
}

TEST_P(latest_waiting, R4_3_udp_limits_hold_to_the_byte_and_never_close) {
  for (const backlog_policy policy : {backlog_policy::close, backlog_policy::refuse}) {
    for (const sender where : {sender::handler, sender::thread}) {
      const std::size_t index = at_client_.all().size();
      const link pair =
          open_pair({.connection = {
                         .max_message_bytes = 1000, .backlog_bytes_max = 1000, .when_backlog_full = policy}});
      from(where, *pair.server, [](connection& self) {
        EXPECT_TRUE(self.send(pattern(400)));
        EXPECT_TRUE(self.send_latest(1, "counts as 64 bytes"));
        EXPECT_EQ(error_of(self.send_latest(1, pattern(601))), errc::backlog_full);
        EXPECT_EQ(self.backlog_bytes(), 464U) << "nothing has changed";
        EXPECT_TRUE(self.send_latest(1, pattern(600)));
        EXPECT_EQ(self.backlog_bytes(), 1000U);
        EXPECT_EQ(error_of(self.send_latest(2, "")), errc::backlog_full);
        EXPECT_TRUE(self.send_latest(1, pattern(536)));
        EXPECT_TRUE(self.send_latest(2, ""));
        EXPECT_EQ(self.backlog_bytes(), 1000U);
      });
      EXPECT_FALSE(pair.server->is_closed());
      EXPECT_EQ(pair.server->stats().messages_refused, 2U);
      EXPECT_EQ(pair.server->stats().messages_replaced, 2U);
      ASSERT_TRUE(pair.client->send(pattern(900)));
      settle();
      EXPECT_EQ(at_client_.at(index).messages, (std::vector<std::string>{pattern(400), pattern(536), ""}));
    }
  }
}

}  // namespace
}  // namespace naru::test
