// R4.2, R6.3: what becomes of a connection that ends while a policy holds something back. In a simulated
// world whose streams hold little, and whose time passes when the test says so.

#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/pressure.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class policy_endings : public pressure_test {
 protected:
  static connection_options pausing() {
    return {.max_message_bytes = 9000,
            .backlog_bytes_max = 10'000,
            .when_backlog_full = backlog_policy::pause_reading,
            .backlog_high_bytes = 2000,
            .backlog_low_bytes = 500};
  }
  /// An echo that has stopped to read, since its peer does not.
  link open_held_echo(hooks also = {}) {
    hooks at_server = echo();
    at_server.drained = std::move(also.drained);
    link pair = open_link({.server = pausing(), .at_server = std::move(at_server)});
    pair.client->pause_receiving();
    settle();
    for (std::size_t i = 0; i < 100; ++i) EXPECT_TRUE(pair.client->send(numbered(i, 87)));
    settle();
    EXPECT_EQ(pair.server->stats().reading_paused, 1U);
    return pair;
  }
  static void expect_ended(const recorder& side, std::size_t index, close_cause cause,
                           std::error_code error = {}) {
    const record ended = side.at(index);
    ASSERT_TRUE(ended.closed);
    EXPECT_EQ(*ended.closed, cause);
    EXPECT_EQ(ended.closed->error, error);
  }
};

INSTANTIATE_TEST_SUITE_P(manual_time, policy_endings, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(policy_endings, R4_2_close_while_reading_is_paused_sends_what_is_queued) {
  const link pair = open_held_echo();
  const std::uint64_t echoed = pair.server->stats().messages_received;
  ASSERT_LT(echoed, 100U);
  pair.server->close();
  settle();
  EXPECT_FALSE(server_closed());
  pair.client->resume_receiving();
  settle();
  expect_ended(at_server_, 0, close_cause::local);
  EXPECT_EQ(at_client_.at().messages.size(), echoed);
  EXPECT_EQ(pair.server->stats().messages_sent, echoed);
  EXPECT_EQ(pair.server->stats().messages_received, echoed) << "what was not read yet is nobody's any more";
  EXPECT_EQ(at_server_.at().drains, 0U);
}

TEST_P(policy_endings, R4_2_abort_while_reading_is_paused_loses_what_is_queued) {
  const link pair = open_held_echo();
  pair.server->abort();
  settle();
  expect_ended(at_server_, 0, close_cause::local);
  const connection_stats end = pair.server->stats();
  EXPECT_GT(end.messages_lost, 0U);
  EXPECT_EQ(end.messages_sent + end.messages_lost, end.messages_received);
  EXPECT_EQ(end.backlog_bytes, 0U);
}

TEST_P(policy_endings, R4_2_close_in_on_drained_is_the_last_word) {
  const link pair = open_held_echo({.drained = [](connection& self) { self.close(); }});
  const std::uint64_t echoed = pair.server->stats().messages_received;
  pair.client->resume_receiving();
  settle();
  expect_ended(at_server_, 0, close_cause::local);
  EXPECT_EQ(pair.server->stats().messages_received, echoed);
  EXPECT_EQ(at_client_.at().messages.size(), echoed);
  EXPECT_EQ(at_server_.at().drains, 1U);
}

TEST_P(policy_endings, R4_2_a_peer_that_goes_while_reading_is_paused_is_noticed) {
  const link pair = open_held_echo();
  pair.client->abort();
  settle();
  expect_ended(at_server_, 0, close_cause::reset, std::make_error_code(std::errc::connection_reset));
  const connection_stats end = pair.server->stats();
  EXPECT_EQ(end.messages_sent + end.messages_lost, end.messages_received);
}

TEST_P(policy_endings, R4_2_a_handler_whose_send_closed_is_not_called_again) {
  std::size_t refused = 0;
  const link pair = open_link({.server = {.max_message_bytes = 1000, .backlog_bytes_max = 1004},
                               .at_server = {.received = [&refused](connection& peer, bytes_view message) {
                                 EXPECT_EQ(refused, 0U);
                                 if (!peer.send(message)) ++refused;
                               }}});
  pair.client->pause_receiving();
  settle();
  for (std::size_t i = 0; i < 100; ++i) EXPECT_TRUE(pair.client->send(numbered(i, 100)));
  settle();
  EXPECT_EQ(refused, 1U);
  expect_ended(at_server_, 0, close_cause::backlog, make_error_code(errc::backlog_full));
  const connection_stats end = pair.server->stats();
  EXPECT_EQ(end.messages_sent + end.messages_lost + 1, end.messages_received);
}

TEST_P(policy_endings, R6_6_close_while_the_budget_waits_delivers_nothing_more) {
  const link pair = open_link({.server = {.budget = {.messages_per_second = 10}}});
  for (std::size_t i = 0; i < 25; ++i) ASSERT_TRUE(pair.client->send(numbered(i)));
  settle();
  ASSERT_EQ(at_server_.at().messages.size(), 10U);
  ASSERT_TRUE(pair.server->send("good bye"));
  pair.server->close();
  settle();
  EXPECT_EQ(at_client_.at().stream(), "good bye");
  expect_ended(at_server_, 0, close_cause::local);
  expect_ended(at_client_, 0, close_cause::peer);
  EXPECT_EQ(at_server_.at().messages.size(), 10U);
}

TEST_P(policy_endings, R6_6_the_end_of_a_stream_comes_behind_what_the_budget_keeps_waiting) {
  const link pair = open_link({.server = {.budget = {.messages_per_second = 10}}});
  for (std::size_t i = 0; i < 25; ++i) ASSERT_TRUE(pair.client->send(numbered(i)));
  pair.client->close();
  pass(600ms);
  EXPECT_FALSE(server_closed());
  EXPECT_EQ(at_server_.at().messages.size(), 16U);
  pass(1s);
  EXPECT_EQ(at_server_.at().messages.size(), 25U);
  expect_ended(at_server_, 0, close_cause::peer);
}

TEST_P(policy_endings, R4_3_close_while_a_value_waits_sends_the_newest) {
  for (const sender where : {sender::handler, sender::thread}) {
    const std::size_t index = at_server_.all().size();
    const link pair = open_deaf_link({});
    std::vector<std::string> expected = clog(*pair.client);
    expected.emplace_back("newest");
    from(where, *pair.client, [](connection& self) {
      EXPECT_TRUE(self.send_latest(1, "old"));
      EXPECT_TRUE(self.send_latest(1, "newest"));
      self.close();
      EXPECT_EQ(error_of(self.send_latest(1, "too late")), errc::closed);
    });
    pair.server->resume_receiving();
    settle();
    EXPECT_TRUE(at_server_.at(index).messages == expected);
    expect_ended(at_client_, index, close_cause::local);
    EXPECT_EQ(pair.client->stats().messages_replaced, 1U);
    EXPECT_EQ(pair.client->stats().messages_sent, expected.size());
    EXPECT_EQ(pair.client->stats().messages_lost, 0U);
  }
}

TEST_P(policy_endings, R4_3_udp_close_and_abort_while_a_value_waits) {
  for (const bool leaves : {true, false}) {
    const std::size_t index = at_client_.all().size();
    const link pair = open_pair({.connection = {.flush = flush_policy::tick, .flush_interval = 1h},
                                 .strangers = {.amplification_max = 0}});
    for (const char* text : {"old", "newest"}) ASSERT_TRUE(pair.server->send_latest(1, text));
    settle();
    leaves ? pair.server->close() : pair.server->abort();
    settle();
    expect_ended(at_server_, index, close_cause::local,
                 leaves ? std::error_code{} : std::make_error_code(std::errc::timed_out));
    EXPECT_EQ(at_client_.at(index).stream(), leaves ? "newest" : "");
    EXPECT_EQ(pair.server->stats().messages_replaced, 1U);
    EXPECT_EQ(pair.server->stats().messages_sent, leaves ? 1U : 0U);
    EXPECT_EQ(pair.server->stats().messages_lost, leaves ? 0U : 1U);
  }
}

TEST_P(policy_endings, R4_2_no_byte_may_wait_for_longer_because_its_connection_closes) {
  const link pair = open_deaf_link({.client = {.backlog_age_max = 10s, .linger_timeout = 60s}});
  const std::size_t sent = clog(*pair.client).size();
  pass(5s);
  pair.client->close();
  pass(4'900ms);
  EXPECT_FALSE(client_closed());
  pass(200ms);
  expect_ended(at_client_, 0, close_cause::local, std::make_error_code(std::errc::timed_out));
  EXPECT_EQ(pair.client->stats().messages_lost, 1U) << "what had begun to leave";
  EXPECT_EQ(pair.client->stats().messages_sent, sent - 1);
}

TEST_P(policy_endings, R6_5_close_gives_what_is_queued_all_of_linger_timeout_whatever_was_begun) {
  const std::string begun = framed("abc").substr(0, 5);
  for (const bool in_handler : {false, true}) {
    const std::size_t index = at_server_.all().size();
    const link pair =
        open_link({.server = {.idle_timeout = 10s, .message_timeout = 10s, .linger_timeout = 60s},
                   .client = {.frames = framing::raw()},
                   .at_server = {.received = [](connection& self, bytes_view) { self.close(); }}});
    pair.client->pause_receiving();
    settle();
    ASSERT_TRUE(pair.server->send(pattern(5000)));
    ASSERT_TRUE(pair.client->send(in_handler ? framed("close") + begun : begun));
    settle();
    if (!in_handler) pair.server->close();
    pass(50s);
    EXPECT_FALSE(server_closed(index));
    pair.client->resume_receiving();
    settle();
    expect_ended(at_server_, index, close_cause::local);
    EXPECT_EQ(pair.server->stats().messages_lost, 0U);
    EXPECT_EQ(at_client_.at(index).message_bytes, 5004U);
  }
}

TEST_P(policy_endings, R4_5_stop_sends_what_waits_for_the_tick) {
  const connection_options hourly{.flush = flush_policy::tick, .flush_interval = 1h};
  const link pair = open_link({.server = hourly});
  const link by_udp = open_pair({.connection = hourly, .strangers = {.amplification_max = 0}});
  for (const auto& self : {pair.server, by_udp.server}) ASSERT_TRUE(self->send("last words"));
  settle();
  EXPECT_EQ(server().stats().messages_sent, 0U);
  ASSERT_TRUE(server().stop(1h));
  settle();
  EXPECT_EQ(at_client_.at(0).stream(), "last words");
  EXPECT_EQ(at_client_.at(1).stream(), "last words");
  EXPECT_EQ(server().stats().messages_lost, 0U);
}

/// A listener of datagrams whose system has no room, and tells nobody of some: it is tried again in 10 ms.
class udp_policy_endings : public policy_endings {
 protected:
  void SetUp() override {
    narrow_ = make_network({.workers = 1, .log = log_.handler()},
                           environment_->make_platform({.send_datagrams_no_room_percent = 100}));
    ASSERT_TRUE(narrow_->start());
  }
  void TearDown() override {
    narrow_.reset();
    policy_endings::TearDown();
  }
  /// One for whose peer some datagrams wait.
  link open_full() {
    link pair =
        open_pair(lease(*narrow_, environment_->bind_address(), {.strangers = {.amplification_max = 0}}));
    EXPECT_TRUE(run_inside(*pair.server, [](connection& self) {
      for (std::size_t i = 0; i < 20; ++i) EXPECT_TRUE(self.send(numbered(i)));
    }));
    settle();
    EXPECT_GT(pair.server->stats().backlog_messages, 0U);
    return pair;
  }
  static void expect_lost(const connection_stats& before, const connection& ended) {
    EXPECT_EQ(ended.stats().messages_lost, before.backlog_messages);
    EXPECT_EQ(ended.stats().messages_sent, before.messages_sent);
    EXPECT_EQ(ended.stats().backlog_bytes, 0U);
  }

  std::unique_ptr<network> narrow_;
};

INSTANTIATE_TEST_SUITE_P(manual_time, udp_policy_endings, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(udp_policy_endings, R6_3_drain_and_stop_lose_what_still_waits_when_the_grace_is_over) {
  const std::error_code lost = std::make_error_code(std::errc::timed_out);
  const link pair = open_full();
  const connection_stats before = pair.server->stats();
  ASSERT_TRUE(narrow_->drain(leased_socket(), 0ms));
  expect_ended(at_server_, 0, close_cause::lessor_closed, lost);
  expect_lost(before, *pair.server);

  const link other = open_full();
  const connection_stats before_stop = other.server->stats();
  ASSERT_TRUE(narrow_->stop());
  expect_ended(at_server_, 1, close_cause::network_stopped, lost);
  expect_lost(before_stop, *other.server);
}

TEST_P(udp_policy_endings, R6_3_within_the_grace_what_waits_leaves) {
  const link pair = open_full();
  auto drained =
      std::async(std::launch::async, [&] { return narrow_->drain(leased_socket(), 1h).has_value(); });
  ASSERT_TRUE(eventually([&] { return pair.server->is_closed(); }));
  settle();
  EXPECT_FALSE(server_closed());
  for (int step = 0; step < 40 && !server_closed(); ++step) pass(10ms);
  EXPECT_TRUE(drained.get());
  expect_ended(at_server_, 0, close_cause::lessor_closed);
  EXPECT_EQ(at_client_.at().messages.size(), 20U);
}

}  // namespace
}  // namespace naru::test
