// R6.5: what a peer may take its time for, to the moment: idle, a message, taking what is sent, and how long
// a byte may wait. In a simulated world, whose time passes when the test says so.

#include <string>
#include <string_view>
#include <vector>

#include "support/pressure.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

/// The server has the limits; the client writes bytes as it likes.
class watch_time : public pressure_test {
 protected:
  link open_watched(const connection_options& at_server, hooks also = {}) {
    link pair =
        open_link({.server = at_server, .client = {.frames = framing::raw()}, .at_server = std::move(also)});
    settle();
    return pair;
  }
  void write(const link& pair, std::string_view bytes) {
    ASSERT_TRUE(pair.client->send(bytes));
    settle();
  }
  void expect_ended(close_cause cause, std::error_code error = {}) {
    ASSERT_TRUE(server_closed());
    EXPECT_EQ(*at_server_.at().closed, cause);
    EXPECT_EQ(at_server_.at().closed->error, error);
    EXPECT_EQ(server().stats().closed_by(cause), 1U);
  }
  static std::error_code timed_out() { return std::make_error_code(std::errc::timed_out); }
};

INSTANTIATE_TEST_SUITE_P(manual_time, watch_time, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(watch_time, R6_5_a_silent_peer_ends_idle) {
  const link pair = open_watched({.idle_timeout = 10s});
  pass(9'900ms);
  EXPECT_FALSE(server_closed());
  pass(200ms);
  expect_ended(close_cause::idle);
}

TEST_P(watch_time, R6_5_each_byte_puts_idleness_off_and_sending_does_not) {
  const link pair = open_watched({.idle_timeout = 10s});
  for (int step = 0; step < 8; ++step) {
    write(pair, framed("12345678").substr(0, 12).substr(static_cast<std::size_t>(step), 1));
    pass(9s);
    ASSERT_FALSE(server_closed()) << "step " << step;
  }
  ASSERT_TRUE(pair.server->send("x"));
  pass(1'100ms);
  expect_ended(close_cause::idle);
}

TEST_P(watch_time, R6_5_idle_sends_what_is_queued) {
  const link pair = open_watched({.idle_timeout = 10s});
  pass(9s);
  ASSERT_TRUE(pair.server->send("good bye"));
  pass(1'100ms);
  EXPECT_EQ(at_client_.at().stream(), framed("good bye"));
}

TEST_P(watch_time, R6_5_who_is_not_listened_to_is_not_idle) {
  const link pair = open_watched({.idle_timeout = 10s});
  pair.server->pause_receiving();
  pass(60s);
  EXPECT_FALSE(server_closed());
  write(pair, framed("said meanwhile"));
  pair.server->resume_receiving();
  settle();
  EXPECT_EQ(at_server_.at().messages.size(), 1U);
  pass(9'900ms);
  EXPECT_FALSE(server_closed());
  pass(200ms);
  expect_ended(close_cause::idle);
}

TEST_P(watch_time, R6_5_who_is_listened_to_again_has_all_the_time_again) {
  const link pair = open_watched({.idle_timeout = 10s});
  pass(9s);
  pair.server->pause_receiving();
  for (int step = 0; step < 109; ++step) pass(100ms);
  pair.server->resume_receiving();
  pass(9'900ms);
  EXPECT_FALSE(server_closed()) << "before, nobody could have been heard";
  pass(200ms);
  expect_ended(close_cause::idle);
}

TEST_P(watch_time, R6_5_a_message_that_is_read_again_has_all_its_time_again) {
  const link pair = open_watched({.message_timeout = 10s});
  write(pair, framed("abc").substr(0, 5));
  pass(9s);
  pair.server->pause_receiving();
  for (int step = 0; step < 109; ++step) pass(100ms);
  pair.server->resume_receiving();
  pass(9'900ms);
  EXPECT_FALSE(server_closed());
  pass(200ms);
  expect_ended(close_cause::message_timeout, timed_out());
}

TEST_P(watch_time, R6_5_a_message_has_time_while_its_receive_budget_waits) {
  const link pair =
      open_watched({.idle_timeout = 2s, .message_timeout = 2s, .budget = {.bytes_per_second = 100}});
  write(pair, framed(pattern(1000)) + framed("abc").substr(0, 5));
  ASSERT_EQ(at_server_.at().messages.size(), 1U);
  for (int step = 0; step < 89; ++step) pass(100ms);
  EXPECT_FALSE(server_closed()) << "a debt of nine seconds";
  pass(200ms);
  write(pair, framed("abc").substr(5));
  EXPECT_EQ(at_server_.at().messages.size(), 2U);
  write(pair, framed("abc").substr(0, 5));
  pass(2'100ms);
  EXPECT_TRUE(server_closed());
}

TEST_P(watch_time, R6_5_each_decision_comes_within_a_tick_of_the_timer) {
  struct limit {
    connection_options at_server;
    close_cause cause;
  };
  for (const limit& each : {limit{{.idle_timeout = 10s}, close_cause::idle},
                            limit{{.message_timeout = 10s}, close_cause::message_timeout},
                            limit{{.write_stall_timeout = 10s}, close_cause::write_stalled},
                            limit{{.backlog_age_max = 10s}, close_cause::backlog}}) {
    const std::size_t index = at_server_.all().size();
    const link pair = open_watched(each.at_server);
    pair.client->pause_receiving();
    settle();
    // An idle one ends in good order, for which its peer would have to take what is queued.
    if (each.cause != close_cause::idle) {
      ASSERT_TRUE(pair.server->send(pattern(5000)));
    }
    write(pair, framed("abc").substr(0, 5));
    pass(9'999ms);
    EXPECT_FALSE(server_closed(index)) << to_string(each.cause);
    pass(1ms);
    pair.client->resume_receiving();
    settle();
    ASSERT_TRUE(server_closed(index)) << to_string(each.cause);
    EXPECT_EQ(*at_server_.at(index).closed, each.cause);
    pair.client->abort();
    settle();
  }
}

TEST_P(watch_time, R6_5_a_message_begun_has_its_time_and_bytes_now_and_then_do_not_put_it_off) {
  const link pair = open_watched({.message_timeout = 10s});
  pass(60s);
  EXPECT_FALSE(server_closed()) << "none has begun";
  for (int step = 0; step < 10; ++step) {
    write(pair, framed("twelve bytes").substr(static_cast<std::size_t>(step), 1));
    pass(step < 9 ? 1s : 900ms);
    ASSERT_FALSE(server_closed()) << "step " << step;
  }
  pass(200ms);
  expect_ended(close_cause::message_timeout, timed_out());
}

TEST_P(watch_time, R6_5_a_part_of_its_length_is_a_message_begun) {
  const link pair = open_watched({.message_timeout = 10s});
  write(pair, framed("x").substr(0, 1));
  pass(9'900ms);
  EXPECT_FALSE(server_closed());
  pass(200ms);
  expect_ended(close_cause::message_timeout, timed_out());
}

TEST_P(watch_time, R6_5_a_whole_message_ends_its_time) {
  const link pair = open_watched({.message_timeout = 10s});
  const std::string bytes = framed("abcdef");
  write(pair, bytes.substr(0, 5));
  pass(9'900ms);
  write(pair, bytes.substr(5));
  pass(60s);
  EXPECT_FALSE(server_closed());
  EXPECT_EQ(at_server_.at().stream(), "abcdef");
}

TEST_P(watch_time, R6_5_the_next_message_that_begins_in_the_same_receive_has_all_its_time) {
  const link pair = open_watched({.message_timeout = 10s});
  const std::string bytes = framed("abcdef");
  write(pair, bytes.substr(0, 5));
  pass(9s);
  write(pair, bytes.substr(5) + bytes.substr(0, 3));
  pass(9'900ms);
  EXPECT_FALSE(server_closed());
  write(pair, bytes.substr(3) + bytes.substr(0, 2));
  pass(9'900ms);
  EXPECT_FALSE(server_closed());
  pass(200ms);
  expect_ended(close_cause::message_timeout, timed_out());
  EXPECT_EQ(at_server_.at().messages.size(), 2U);
}

TEST_P(watch_time, R6_5_a_message_has_time_while_nobody_reads) {
  const link pair = open_watched({.message_timeout = 10s});
  write(pair, framed("abc").substr(0, 5));
  pair.server->pause_receiving();
  pass(60s);
  EXPECT_FALSE(server_closed());
  write(pair, framed("abc").substr(5));
  pair.server->resume_receiving();
  settle();
  EXPECT_EQ(at_server_.at().stream(), "abc");
  write(pair, std::string_view{"\0", 1});
  pass(5s);
  EXPECT_FALSE(server_closed());
}

TEST_P(watch_time, R6_5_who_takes_nothing_stalls) {
  const link pair = open_watched({.write_stall_timeout = 10s});
  pass(60s);
  EXPECT_FALSE(server_closed()) << "nothing waits";
  pair.client->pause_receiving();
  settle();
  ASSERT_TRUE(pair.server->send(pattern(5000)));
  pass(9'900ms);
  EXPECT_FALSE(server_closed());
  pass(200ms);
  expect_ended(close_cause::write_stalled, timed_out());
}

TEST_P(watch_time, R6_5_whoever_takes_some_does_not_stall) {
  link pair =
      open_link({.server = {.write_stall_timeout = 10s},
                 .client = {.frames = framing::raw()},
                 .at_client = {.received = [](connection& peer, bytes_view) { peer.pause_receiving(); }}});
  pair.client->pause_receiving();
  settle();
  ASSERT_TRUE(pair.server->send(pattern(6000)));
  for (int step = 0; step < 8; ++step) {
    pass(9s);
    ASSERT_FALSE(server_closed()) << "step " << step;
    pair.client->resume_receiving();
  }
  settle();
  ASSERT_GT(pair.server->backlog_bytes(), 0U);
  pass(9'900ms);
  EXPECT_FALSE(server_closed());
  pass(200ms);
  expect_ended(close_cause::write_stalled, timed_out());
}

TEST_P(watch_time, R6_5_a_stall_begins_anew_with_each_backlog) {
  const link pair = open_watched({.write_stall_timeout = 10s});
  for (int round = 0; round < 3; ++round) {
    pair.client->pause_receiving();
    settle();
    ASSERT_TRUE(pair.server->send(pattern(3000)));
    pass(9s);
    ASSERT_FALSE(server_closed()) << "round " << round;
    pair.client->resume_receiving();
    pass(30s);
    ASSERT_FALSE(server_closed()) << "nothing waits";
  }
}

TEST_P(watch_time, R6_5_udp_what_cannot_leave_stalls) {
  const link pair = open_pair({.connection = {.write_stall_timeout = 10s, .udp = {.idle_timeout = 0ms}}});
  pass(60s);
  ASSERT_TRUE(pair.server->send(pattern(1000)));  // the peer is on probation
  pass(9'900ms);
  EXPECT_FALSE(server_closed());
  pass(200ms);
  expect_ended(close_cause::write_stalled, timed_out());
}

TEST_P(watch_time, R6_5_udp_looks_at_its_own_idle_timeout) {
  const link pair = open_pair({.connection = {.idle_timeout = 1s, .udp = {.idle_timeout = 10s}}});
  pass(9'900ms);
  EXPECT_FALSE(server_closed());
  pass(200ms);
  expect_ended(close_cause::idle);
}

}  // namespace
}  // namespace naru::test
