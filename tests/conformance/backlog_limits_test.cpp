// R4.2: limits and watermarks of a backlog to the byte, and what is on its way. In a simulated world whose
// streams hold little.

#include <string>
#include <vector>

#include "support/pressure.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class backlog_limits : public pressure_test {
 protected:
  static constexpr std::size_t limit = 10'000;
  static connection_options limited(backlog_policy policy) {
    return {.max_message_bytes = 9000, .backlog_bytes_max = limit, .when_backlog_full = policy};
  }
  static connection_options marked() {
    return {.frames = framing::raw(),
            .max_message_bytes = 9000,
            .backlog_bytes_max = limit,
            .when_backlog_full = backlog_policy::refuse,
            .backlog_high_bytes = 2000,
            .backlog_low_bytes = 500};
  }
  /// One byte stream whose server takes a part each time it is told to go on.
  link open_marked(hooks at_client = {}) {
    return open_deaf_link(
        {.server = {.frames = framing::raw()},
         .client = marked(),
         .at_server = {.received = [](connection& peer, bytes_view) { peer.pause_receiving(); }},
         .at_client = std::move(at_client)});
  }
  void fill_to(connection& to, std::size_t bytes) {
    if (to.backlog_bytes() == 0) {
      ASSERT_TRUE(to.send(pattern(1500)));
      settle();
      while (to.backlog_bytes() == 0) {
        ASSERT_TRUE(to.send("x"));
        settle();
      }
    }
    if (to.backlog_bytes() < bytes) {
      ASSERT_TRUE(to.send(pattern(bytes - to.backlog_bytes())));
    }
    settle();
    ASSERT_EQ(to.backlog_bytes(), bytes);
  }
  std::size_t highs() const { return at_client_.at().backlog_highs; }
  std::size_t drains() const { return at_client_.at().drains; }
};

INSTANTIATE_TEST_SUITE_P(manual_time, backlog_limits, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(backlog_limits, R4_2_drop_oldest_drops_just_as_many_as_it_must_and_never_what_has_begun) {
  for (const sender where : {sender::handler, sender::thread}) {
    const std::size_t there = at_server_.all().size();
    const link pair = open_deaf_link({.client = limited(backlog_policy::drop_oldest)});
    std::vector<std::string> expected = clog(*pair.client);
    std::vector<std::string> queued;
    const auto send = [&](std::string message) {
      from(where, *pair.client, [&](connection& self) { EXPECT_TRUE(self.send(message)); });
      queued.push_back(std::move(message));
    };
    while (limit - pair.client->backlog_bytes() >= 200) send(numbered(queued.size(), 96));
    send(numbered(queued.size(), limit - pair.client->backlog_bytes() - 4));
    EXPECT_EQ(pair.client->backlog_bytes(), limit);
    EXPECT_EQ(pair.client->stats().messages_dropped, 0U) << "full to the byte";

    send("");
    EXPECT_EQ(pair.client->stats().messages_dropped, 1U);
    EXPECT_EQ(pair.client->backlog_bytes(), limit - 96);
    send(numbered(queued.size(), 92 + 200));
    EXPECT_EQ(pair.client->stats().messages_dropped, 3U);
    EXPECT_EQ(pair.client->stats().messages_refused, 0U);
    EXPECT_EQ(pair.client->backlog_bytes(), limit);
    expected.insert(expected.end(), queued.begin() + 3, queued.end());

    pair.server->resume_receiving();
    settle();
    EXPECT_TRUE(at_server_.at(there).messages == expected);
    EXPECT_EQ(pair.client->stats().messages_sent, expected.size());
  }
}

TEST_P(backlog_limits, R4_2_drop_oldest_keeps_so_many_messages) {
  for (const sender where : {sender::handler, sender::thread}) {
    const std::size_t there = at_server_.all().size();
    connection_options options = limited(backlog_policy::drop_oldest);
    options.backlog_messages_max = 5;
    const link pair = open_deaf_link({.client = options});
    std::vector<std::string> expected = clog(*pair.client);
    for (std::size_t i = 0; i < 20; ++i) {
      from(where, *pair.client, [&](connection& self) { EXPECT_TRUE(self.send(numbered(i))); });
    }
    EXPECT_EQ(pair.client->stats().messages_dropped, 16U) << "the one that has begun is one of the five";
    for (std::size_t i = 16; i < 20; ++i) expected.push_back(numbered(i));
    pair.server->resume_receiving();
    settle();
    EXPECT_TRUE(at_server_.at(there).messages == expected);
  }
}

TEST_P(backlog_limits, R4_2_what_has_begun_to_leave_is_in_the_way_and_the_new_one_is_refused) {
  const link pair = open_deaf_link({.client = limited(backlog_policy::drop_oldest)});
  const std::string large = pattern(9000);
  ASSERT_TRUE(pair.client->send(large));
  settle();
  EXPECT_TRUE(run_inside(*pair.client, [&](connection& self) {
    EXPECT_EQ(error_of(self.send(pattern(9000, 2))), errc::backlog_full);
  }));
  EXPECT_EQ(pair.client->stats().messages_refused, 1U);
  EXPECT_EQ(pair.client->stats().messages_dropped, 0U);
  EXPECT_FALSE(pair.client->is_closed());
  pair.server->resume_receiving();
  settle();
  EXPECT_EQ(at_server_.at().messages, std::vector{large});
}

TEST_P(backlog_limits, R4_2_close_and_refuse_are_exact_in_a_handler) {
  for (const backlog_policy policy : {backlog_policy::refuse, backlog_policy::close}) {
    const link pair = open_deaf_link({.client = limited(policy)});
    static_cast<void>(clog(*pair.client));
    const bool lives = policy == backlog_policy::refuse;
    EXPECT_TRUE(run_inside(*pair.client, [&](connection& self) {
      EXPECT_TRUE(self.send(pattern(5000)));
      EXPECT_TRUE(self.send(pattern(limit - self.backlog_bytes() - 4)));
      EXPECT_EQ(self.backlog_bytes(), limit);
      EXPECT_EQ(error_of(self.send("")), errc::backlog_full);
      EXPECT_EQ(self.is_closed(), !lives);
      EXPECT_EQ(error_of(self.send("")), lives ? errc::backlog_full : errc::closed);
    }));
    settle();
    if (!lives) {
      EXPECT_TRUE(at_client_.closed());
    }
    pair.client->abort();
    settle();
  }
}

TEST_P(backlog_limits, R4_2_a_backlog_is_high_at_its_byte_and_not_below) {
  const link pair = open_marked();
  fill_to(*pair.client, 1999);
  EXPECT_EQ(highs(), 0U);
  fill_to(*pair.client, 2000);
  EXPECT_EQ(highs(), 1U);
  fill_to(*pair.client, 9999);
  EXPECT_EQ(highs(), 1U) << "not again before it has drained";
  EXPECT_EQ(drains(), 0U);
}

TEST_P(backlog_limits, R4_2_it_has_drained_at_its_byte_and_not_above) {
  for (const std::size_t more : {std::size_t{0}, std::size_t{1}}) {
    const std::size_t here = at_client_.all().size();
    const link pair = open_marked();
    fill_to(*pair.client, 2000 + more);
    EXPECT_EQ(at_client_.at(here).backlog_highs, 1U);
    std::size_t waiting = pair.client->backlog_bytes();
    while (waiting > 500) {
      EXPECT_EQ(at_client_.at(here).drains, 0U) << waiting;
      pair.server->resume_receiving();
      settle();
      waiting = pair.client->backlog_bytes();
    }
    EXPECT_EQ(waiting, more == 0 ? 500U : 1U);
    EXPECT_EQ(at_client_.at(here).drains, 1U);
  }
}

TEST_P(backlog_limits, R4_2_never_inside_the_send_that_crosses_it) {
  const link pair = open_marked();
  fill_to(*pair.client, 1000);
  EXPECT_TRUE(run_inside(*pair.client, [&](connection& self) {
    EXPECT_TRUE(self.send(pattern(3000)));
    EXPECT_EQ(highs(), 0U);
  }));
  settle();
  EXPECT_EQ(highs(), 1U);
}

TEST_P(backlog_limits, R4_2_a_handler_of_a_watermark_may_send_and_is_not_called_again) {
  const link pair = open_marked({.backlog_high = [](connection& self) { EXPECT_TRUE(self.send("more")); }});
  fill_to(*pair.client, 1999);
  ASSERT_TRUE(pair.client->send("xx"));
  settle();
  EXPECT_EQ(highs(), 1U);
  EXPECT_EQ(pair.client->backlog_bytes(), 2005U);
}

TEST_P(backlog_limits, R4_2_a_closing_connection_is_told_of_no_watermark) {
  const link pair = open_marked();
  fill_to(*pair.client, 3000);
  EXPECT_EQ(highs(), 1U);
  pair.client->close();
  for (int part = 0; part < 12; ++part) {
    pair.server->resume_receiving();
    settle();
  }
  EXPECT_EQ(pair.client->backlog_bytes(), 0U);
  EXPECT_EQ(drains(), 0U);
}

TEST_P(backlog_limits, R4_2_close_in_on_backlog_high_is_the_last_word) {
  const link pair = open_marked({.backlog_high = [](connection& self) { self.abort(); }});
  ASSERT_TRUE(pair.client->send(pattern(4000)));
  settle();
  EXPECT_EQ(highs(), 1U);
  EXPECT_EQ(drains(), 0U);
  EXPECT_TRUE(at_client_.closed());
}

TEST_P(backlog_limits, R4_2_a_fan_out_meets_the_limits_of_each_member) {
  for (const backlog_policy policy : {backlog_policy::close, backlog_policy::refuse,
                                      backlog_policy::drop_oldest, backlog_policy::pause_reading}) {
    const std::size_t there = at_server_.all().size();
    const link deaf = open_deaf_link({.client = limited(policy)});
    const link healthy = open_link({.client = limited(policy)});
    const std::size_t before = clog(*deaf.client).size();
    group room;
    ASSERT_TRUE(room.add(*deaf.client));
    ASSERT_TRUE(room.add(*healthy.client));
    const message words = message::make(pattern(996)).value();
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(room.send(words));
      settle();
    }
    const bool drops = policy == backlog_policy::drop_oldest;
    const bool closes = policy == backlog_policy::close;
    const connection_stats of_deaf = deaf.client->stats();
    EXPECT_EQ(at_server_.at(there + 1).messages.size(), 20U) << "nobody else is concerned";
    EXPECT_EQ(of_deaf.backlog_bytes_highest / 1000, limit / 1000 - 1) << "the next would pass it";
    EXPECT_EQ(of_deaf.messages_dropped, drops ? 11U : 0U);
    EXPECT_EQ(of_deaf.messages_refused, drops ? 0U : closes ? 1U : 11U);
    EXPECT_EQ(deaf.client->is_closed(), closes);
    EXPECT_EQ(room.stats().refused, of_deaf.messages_refused);
    EXPECT_EQ(room.stats().copies, 20U + (drops ? 20U : 9U));
    EXPECT_EQ(
        of_deaf.messages_sent + of_deaf.backlog_messages + of_deaf.messages_dropped + of_deaf.messages_lost,
        before + (drops ? 20U : 9U));
    EXPECT_EQ(room.size(), closes ? 1U : 2U);
  }
}

/// An echo that would rather not read than lose something.
class echo_limits : public backlog_limits {
 protected:
  static connection_options pausing() {
    connection_options options = limited(backlog_policy::pause_reading);
    options.backlog_high_bytes = 2000;
    options.backlog_low_bytes = 500;
    return options;
  }
  link open_echo() {
    link pair =
        open_link({.server = pausing(), .client = {.backlog_bytes_max = 1 << 22}, .at_server = echo()});
    pair.client->pause_receiving();
    settle();
    return pair;
  }
  std::vector<std::string> send_hundred(connection& to) {
    std::vector<std::string> sent;
    for (std::size_t i = 0; i < 100; ++i) {
      sent.push_back(numbered(i, 87));
      EXPECT_TRUE(to.send(sent.back()));
    }
    settle();
    return sent;
  }
};

INSTANTIATE_TEST_SUITE_P(manual_time, echo_limits, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(echo_limits, R4_2_pause_reading_stops_at_the_high_mark_and_goes_on_at_the_low_one) {
  const link pair = open_echo();
  const std::vector<std::string> sent = send_hundred(*pair.client);
  EXPECT_EQ(pair.server->stats().reading_paused, 1U);
  EXPECT_GE(pair.server->backlog_bytes(), 2000U);
  EXPECT_LT(pair.server->backlog_bytes(), 2000U + 91U) << "not one message more than it takes";
  EXPECT_EQ(at_server_.at().backlog_highs, 1U);
  pair.client->resume_receiving();
  settle();
  EXPECT_TRUE(at_client_.at().messages == sent);
  EXPECT_EQ(at_server_.at().drains, at_server_.at().backlog_highs);
  EXPECT_EQ(pair.server->stats().messages_refused, 0U);
  EXPECT_EQ(pair.server->backlog_bytes(), 0U);
}

TEST_P(echo_limits, R4_2_what_the_library_has_paused_its_user_does_not_resume) {
  const link pair = open_echo();
  static_cast<void>(send_hundred(*pair.client));
  const auto before = pair.server->stats().messages_received;
  pair.server->resume_receiving();
  settle();
  EXPECT_EQ(pair.server->stats().messages_received, before);
  pair.server->pause_receiving();
  pair.server->resume_receiving();
  settle();
  EXPECT_EQ(pair.server->stats().messages_received, before);
}

TEST_P(echo_limits, R4_2_what_its_user_has_paused_the_library_does_not_resume) {
  const link pair = open_echo();
  const std::vector<std::string> sent = send_hundred(*pair.client);
  const auto before = pair.server->stats().messages_received;
  pair.server->pause_receiving();
  settle();
  pair.client->resume_receiving();
  settle();
  EXPECT_EQ(pair.server->backlog_bytes(), 0U);
  EXPECT_EQ(at_server_.at().drains, 1U);
  EXPECT_EQ(pair.server->stats().messages_received, before);
  pair.server->resume_receiving();
  settle();
  EXPECT_TRUE(at_client_.at().messages == sent);
}

TEST_P(echo_limits, R4_2_what_backlog_and_budget_hold_back_goes_on_when_both_let_go) {
  connection_options options = pausing();
  options.budget.messages_per_second = 30;
  const link pair =
      open_link({.server = options, .client = {.backlog_bytes_max = 1 << 22}, .at_server = echo()});
  pair.client->pause_receiving();
  settle();
  const std::vector<std::string> sent = send_hundred(*pair.client);
  ASSERT_EQ(pair.server->stats().messages_received, 30U) << "the budget was first";
  pass(500ms);
  const auto received = pair.server->stats().messages_received;
  EXPECT_GE(pair.server->backlog_bytes(), 2000U) << "now the backlog was";
  pass(10s);
  EXPECT_EQ(pair.server->stats().messages_received, received);
  pair.client->resume_receiving();
  settle();
  EXPECT_EQ(pair.server->stats().messages_received, received + 30) << "and now it is the budget again";
  for (int step = 0; step < 30; ++step) pass(100ms);
  EXPECT_TRUE(at_client_.at().messages == sent);
}

}  // namespace
}  // namespace naru::test
