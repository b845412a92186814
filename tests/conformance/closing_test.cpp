// R3.4 to R3.6, R6.7: close and abort.

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class closing : public network_test {
 protected:
  static connection_options raw() { return {.frames = framing::raw()}; }
  std::size_t queued_bytes() const { return std::min(bulk_bytes(), std::size_t{4} << 20); }

  /// Queues that much, in parts.
  static void queue(connection& peer, std::string_view text) {
    for (std::size_t at = 0; at < text.size(); at += 50'000) ASSERT_TRUE(peer.send(text.substr(at, 50'000)));
  }
};

INSTANTIATE_TEST_SUITE_P(engines, closing, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(closing, R3_4_close_ends_both_sides_each_with_its_reason) {
  const link pair = open_link();
  pair.client->close();
  EXPECT_TRUE(pair.client->is_closed()) << "from the call on";
  EXPECT_EQ(error_of(pair.client->send("late")), errc::closed);
  ASSERT_TRUE(at_client_.closed());
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::local);
  EXPECT_EQ(at_client_.at().closed->error, std::error_code{}) << "nothing was lost";
  EXPECT_EQ(*at_server_.at().closed, close_cause::peer);
  EXPECT_EQ(at_server_.at().closed->error, std::error_code{});
}

TEST_P(closing, R3_4_closing_again_does_nothing) {
  const link pair = open_link();
  for (int i = 0; i < 3; ++i) pair.client->close();
  ASSERT_TRUE(at_client_.closed());
  pair.client->close();
  pair.client->abort();
  EXPECT_EQ(*at_client_.at().closed, close_cause::local);
}

TEST_P(closing, R3_4_both_sides_may_close_at_once) {
  const endpoint where = listen();
  for (std::size_t round = 1; round <= 20; ++round) {
    const auto mine = connect(where).lock();
    ASSERT_TRUE(at_server_.connected(round));
    ASSERT_TRUE(at_client_.connected(round));
    const auto theirs = at_server_.shell(round - 1);
    {
      const std::jthread other{[&] { theirs->close(); }};
      mine->close();
    }
    ASSERT_TRUE(at_server_.closed(round));
    ASSERT_TRUE(at_client_.closed(round));
  }
}

TEST_P(closing, R3_6_close_sends_everything_that_is_queued) {
  const link pair = open_link({.server = raw(), .client = raw()});
  const std::string sent = pattern(queued_bytes());
  queue(*pair.server, sent);
  pair.server->close();
  ASSERT_TRUE(at_client_.closed());
  EXPECT_TRUE(at_client_.at().stream() == sent);
  EXPECT_EQ(*at_client_.at().closed, close_cause::peer);
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(at_server_.at().closed->error, std::error_code{});
}

TEST_P(closing, R3_6_close_sends_everything_even_when_unread_input_is_waiting) {
  const link pair = open_link({.server = raw(), .client = raw()});
  pair.server->pause_receiving();
  pair.client->pause_receiving();
  const std::string sent = pattern(queued_bytes());
  queue(*pair.client, pattern(queued_bytes() / 4, 1));  // what the server will never read
  queue(*pair.server, sent);
  pair.server->close();
  pair.client->resume_receiving();

  ASSERT_TRUE(at_client_.closed());
  EXPECT_TRUE(at_client_.at().stream() == sent) << at_client_.at().message_bytes << " of " << sent.size();
  EXPECT_EQ(*at_client_.at().closed, close_cause::peer);
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(*at_server_.at().closed, close_cause::local);
}

TEST_P(closing, R3_4_no_message_is_delivered_after_close) {
  const link pair = open_link(
      {.client = raw(), .at_server = {.received = [](connection& peer, bytes_view) { peer.close(); }}});
  std::string wire;
  for (int i = 0; i < 20; ++i) wire += framed(std::to_string(i));
  ASSERT_TRUE(pair.client->send(wire));
  ASSERT_TRUE(at_server_.closed());
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("0"));
}

TEST_P(closing, R3_4_nor_after_abort) {
  const link pair = open_link(
      {.client = raw(), .at_server = {.received = [](connection& peer, bytes_view) { peer.abort(); }}});
  ASSERT_TRUE(pair.client->send(framed("one") + framed("two")));
  ASSERT_TRUE(at_server_.closed());
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("one"));
}

TEST_P(closing, R3_4_abort_resets) {
  const link pair = open_link();
  pair.client->abort();
  EXPECT_TRUE(pair.client->is_closed());
  EXPECT_EQ(error_of(pair.client->send("late")), errc::closed);
  ASSERT_TRUE(at_client_.closed());
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::local);
  EXPECT_EQ(*at_server_.at().closed, close_cause::reset);
}

TEST_P(closing, R3_4_abort_does_not_wait_for_a_peer_that_does_not_read) {
  const link pair = open_link({.server = raw(), .client = {.frames = framing::raw(), .linger_timeout = 1h}});
  pair.server->pause_receiving();
  queue(*pair.client, pattern(queued_bytes()));
  pair.client->abort();
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::local);
  pair.server->resume_receiving();
  EXPECT_TRUE(at_server_.closed());
}

TEST_P(closing, R3_4_abort_after_close_cuts_its_lingering_short) {
  const link pair = open_link({.server = {.half_open = true}, .client = {.linger_timeout = 1h}});
  pair.client->close();
  ASSERT_TRUE(at_server_.peer_ended()) << "the client waits for the server's end, which does not come";
  EXPECT_FALSE(at_client_.at().closed);
  pair.client->abort();
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::local);
  pair.server->abort();
}

TEST_P(closing, R6_7_the_first_cause_counts) {
  const link pair = open_link({.server = {.half_open = true}, .client = {.linger_timeout = 1h}});
  pair.client->close();
  ASSERT_TRUE(at_server_.peer_ended());
  pair.server->abort();
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::local) << "although a reset came";
}

TEST_P(closing, guarantee_2_the_connection_is_gone_after_on_closed) {
  link pair = open_link();
  const std::weak_ptr<connection> watched = pair.server;
  pair.server.reset();
  pair.client->close();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_TRUE(eventually([&] { return watched.expired(); }));
}

TEST_P(closing, R3_5_connections_open_and_close_in_great_numbers) {
  const endpoint where = listen({}, {.received = [](connection& peer, bytes_view message) {
                                  EXPECT_TRUE(peer.send(message));
                                  peer.close();
                                }});
  constexpr std::size_t count = 300;
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_TRUE(connect(where).lock()->send(std::to_string(i)));
    if (i >= 50) {
      ASSERT_TRUE(at_client_.closed(i - 49));
    }
  }
  ASSERT_TRUE(at_client_.closed(count));
  ASSERT_TRUE(at_server_.closed(count));
  for (const record& entry : at_client_.all()) {
    EXPECT_EQ(entry.messages.size(), 1U);
    EXPECT_EQ(*entry.closed, close_cause::peer);
  }
  EXPECT_TRUE(eventually([&] { return server().stats().closed_by(close_cause::local) == count; }));
}

}  // namespace
}  // namespace naru::test
