// R3.6 and "Closing": the peer's end of stream, half-open connections, and how long a closing one waits.

#include <chrono>
#include <string>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class peer_end : public network_test {
 protected:
  static connection_options raw() { return {.frames = framing::raw()}; }

  /// A connection whose client closes and then waits for the server, which is half-open and does nothing by
  /// itself.
  link open_closing(connection_options client_options) {
    const link pair = open_link({.server = {.half_open = true}, .client = client_options});
    pair.client->close();
    if (!at_server_.peer_ended()) throw std::runtime_error{"the server never saw the end"};
    return pair;
  }
};

INSTANTIATE_TEST_SUITE_P(engines, peer_end, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(peer_end, R3_6_what_came_before_the_end_is_delivered) {
  const link pair = open_link();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(pair.client->send(std::to_string(i)));
  pair.client->close();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(at_server_.at().messages.size(), 100U);
  EXPECT_EQ(*at_server_.at().closed, close_cause::peer);
}

TEST_P(peer_end, R3_6_also_when_receiving_was_paused_until_then) {
  const link pair = open_link();
  pair.server->pause_receiving();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(pair.client->send(std::to_string(i)));
  pair.client->close();
  pair.server->resume_receiving();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(at_server_.at().stream(), "0123456789");
}

TEST_P(peer_end, half_open_is_told_and_the_connection_goes_on_for_sending) {
  const link pair = open_closing({.linger_timeout = 1h});
  EXPECT_FALSE(pair.server->is_closed());
  EXPECT_FALSE(at_server_.at().closed);
  ASSERT_TRUE(pair.server->send("taken by the system, thrown away by a peer that has closed"));
  EXPECT_TRUE(eventually([&] { return pair.server->backlog_bytes() == 0; }));

  pair.server->close();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(*at_server_.at().closed, close_cause::local);
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::local);
  EXPECT_TRUE(at_client_.at().messages.empty()) << "no message is delivered after close";
}

TEST_P(peer_end, half_open_delivers_what_came_before_the_end_first) {
  const link pair = open_link(
      {.server = {.half_open = true}, .at_server = {.peer_ended = [](connection& peer) { peer.close(); }}});
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(pair.client->send(std::to_string(i)));
  pair.client->close();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(at_server_.at().stream(), "0123456789");
  EXPECT_EQ(*at_server_.at().closed, close_cause::local);
  EXPECT_TRUE(at_client_.closed());
}

TEST_P(peer_end, without_half_open_on_peer_ended_is_not_called) {
  const link pair = open_link();
  pair.client->close();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_FALSE(at_server_.at().peer_ended);
}

TEST_P(peer_end, linger_timeout_ends_the_wait_for_a_peer_that_does_not_end) {
  const link pair = open_closing({.linger_timeout = 100ms});
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::local);
  EXPECT_EQ(at_client_.at().closed->error, std::error_code{}) << "everything queued had been taken";
  pair.server->abort();
}

TEST_P(peer_end, linger_timeout_ends_the_wait_for_a_peer_that_does_not_read_and_says_that_bytes_were_lost) {
  const link pair =
      open_link({.server = raw(), .client = {.frames = framing::raw(), .linger_timeout = 200ms}});
  pair.server->pause_receiving();
  const std::string part = pattern(std::min(bulk_bytes(), std::size_t{1} << 20));
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(pair.client->send(part));
  pair.client->close();
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::local);
  EXPECT_EQ(at_client_.at().closed->error, std::errc::timed_out);
  pair.server->resume_receiving();
  EXPECT_TRUE(at_server_.closed());
}

TEST_P(peer_end, linger_bytes_max_ends_the_wait_for_a_peer_that_sends_without_end) {
  const std::size_t cap = bulk_bytes() / 16;
  const link pair = open_closing({.linger_timeout = 1h, .linger_bytes_max = cap});
  const std::string part = pattern(std::min(cap, std::size_t{100'000}));
  // Also when the other side has gone: what it had read is acknowledged, and only what comes later is
  // refused.
  while (pair.server->send(part)) {
    ASSERT_TRUE(
        eventually([&] { return pair.server->is_closed() || pair.server->backlog_bytes() < 1'000'000; }));
  }
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::local);
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(*at_server_.at().closed, close_cause::reset);
}

}  // namespace
}  // namespace naru::test
