// What the seam promises of connected streams, on every engine: bytes in order and none lost, pauses, ends.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "conformance/seam_test.hpp"
#include "support/patience.hpp"

namespace naru::test {
namespace {

class seam_streams : public seam_test {
 protected:
  /// Sends back whatever comes.
  static void echo(seam_peer& peer) {
    peer.when_received = [](seam_peer& self, bytes_view bytes) { self.send(std::string{as_text(bytes)}); };
  }
};

INSTANTIATE_TEST_SUITE_P(engines, seam_streams, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(seam_streams, both_ends_know_both_addresses) {
  seam_listener& listener = listen();
  const link pair = connect(listener);
  EXPECT_EQ(pair.client->stream().remote_endpoint(), listener.local);
  EXPECT_EQ(pair.server->stream().local_endpoint(), listener.local);
  EXPECT_EQ(pair.client->stream().local_endpoint(), pair.server->stream().remote_endpoint());
  EXPECT_NE(pair.client->stream().local_endpoint().port(), 0);
}

TEST_P(seam_streams, echo_returns_every_byte_in_order) {
  const link pair = connect();
  echo(*pair.server);
  const std::size_t bulk = environment().bulk_bytes();
  std::string all;
  for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{1000}, bulk / 4, bulk / 2}) {
    const std::string bytes = random_bytes(std::min(size, bulk));
    all += bytes;
    pair.client->send(bytes);
    ASSERT_TRUE(turn_until([&] { return pair.client->received().size() >= all.size(); }));
    ASSERT_EQ(pair.client->received(), all);
  }
}

TEST_P(seam_streams, both_directions_flow_at_the_same_time) {
  const link pair = connect();
  const std::string up = random_bytes(environment().bulk_bytes() / 4);
  const std::string down = random_bytes(environment().bulk_bytes() / 4);
  pair.client->send(up);
  pair.server->send(down);
  ASSERT_TRUE(turn_until([&] {
    return pair.server->received().size() >= up.size() && pair.client->received().size() >= down.size();
  }));
  EXPECT_EQ(pair.server->received(), up);
  EXPECT_EQ(pair.client->received(), down);
}

TEST_P(seam_streams, a_stream_starts_paused) {
  seam_listener& listener = listen();
  seam_peer* const client = begin_connect(listener.local);
  seam_peer* const server = adopt(listener);
  client->send("early");
  turn_for_a_while();
  EXPECT_EQ(server->received(), "");
  server->resume();
  EXPECT_TRUE(turn_until([&] { return server->received() == "early"; }));
}

TEST_P(seam_streams, pauses_at_any_moment_hold_and_lose_nothing) {
  const link pair = connect();
  const std::string bytes = random_bytes(environment().bulk_bytes() / 4);
  pair.client->send(bytes);
  pair.client->end_after_sending();
  bool paused = false;
  const auto pause_or_resume = [&](seam_peer& peer) {
    paused = !paused;
    paused ? peer.pause() : peer.resume();
  };
  // From inside the event, where the engine holds more that it has taken, and from outside.
  pair.server->when_received = [&](seam_peer& peer, bytes_view) {
    if (draw(3) == 0) pause_or_resume(peer);
  };
  ASSERT_TRUE(turn_until([&] {
    if (draw(4) == 0) pause_or_resume(*pair.server);
    return pair.server->receive_ended();
  }));
  EXPECT_EQ(pair.server->received(), bytes);
  EXPECT_FALSE(pair.server->receive_error());
}

TEST_P(seam_streams, sending_to_a_peer_that_does_not_read_stays_pending_until_it_does) {
  const link pair = connect();
  pair.server->pause();
  const std::string bytes = random_bytes(std::size_t{24} << 20);
  pair.client->send(bytes);
  std::size_t before = 0;
  ASSERT_TRUE(turn_until([&] {
    before = pair.client->sent();
    turn_for_a_while();
    return before > 0 && pair.client->sent() == before;
  })) << "nothing holds the sender back";
  EXPECT_TRUE(pair.client->send_pending());
  EXPECT_LT(before, bytes.size());
  EXPECT_EQ(pair.server->received(), "");
  pair.server->resume();
  ASSERT_TRUE(turn_until([&] { return pair.client->sent() > before; }));
  EXPECT_TRUE(bytes.starts_with(pair.server->received()));
}

TEST_P(seam_streams, an_end_comes_behind_all_bytes_and_leaves_the_other_direction_open) {
  const link pair = connect();
  const std::string question = random_bytes(environment().bulk_bytes() / 8);
  pair.client->send(question);
  pair.client->end_after_sending();
  ASSERT_TRUE(turn_until([&] { return pair.server->receive_ended(); }));
  EXPECT_FALSE(pair.server->receive_error());
  EXPECT_EQ(pair.server->received(), question);

  const std::string answer = random_bytes(environment().bulk_bytes() / 8);
  pair.server->send(answer);
  pair.server->end_after_sending();
  ASSERT_TRUE(turn_until([&] { return pair.client->receive_ended(); }));
  EXPECT_FALSE(pair.client->receive_error());
  EXPECT_EQ(pair.client->received(), answer);
}

TEST_P(seam_streams, a_pending_send_is_over_by_an_event_alone) {
  const link pair = connect();
  pair.server->pause();
  pair.client->send(flood());
  ASSERT_TRUE(turn_until([&] { return pair.client->send_pending(); }));
  pair.server->resume();
  const std::size_t before = pair.client->sent();
  const auto deadline = std::chrono::steady_clock::now() + patience;
  // Not `turn`, which looks for it now and then.
  while (pair.client->send_pending() && std::chrono::steady_clock::now() < deadline) {
    client_engine().poll(std::chrono::nanoseconds{0});
    server_engine().poll(std::chrono::nanoseconds{0});
  }
  EXPECT_FALSE(pair.client->send_pending()) << "on_sent did not come";
  EXPECT_GE(pair.client->sent(), before);
}

TEST_P(seam_streams, events_can_be_handed_to_somebody_else) {
  seam_listener& listener = listen();
  seam_peer* const attempt = begin_connect(listener.local);
  seam_peer* const server = adopt(listener);
  server->send("for the second");
  ASSERT_TRUE(turn_until([&] { return attempt->is_connected(); }));
  seam_peer connection{seam_peer::origin::accepted, chance()};
  attempt->hand_over_to(connection);
  connection.resume();
  EXPECT_TRUE(turn_until([&] { return connection.received() == "for the second"; }));
  connection.close(engine::close_mode::orderly);
  EXPECT_TRUE(turn_until([&] { return connection.closed(); }));
  EXPECT_EQ(attempt->received(), "");
}

TEST_P(seam_streams, many_streams_at_once_do_not_mix) {
  seam_listener& listener = listen();
  std::vector<link> pairs;
  std::vector<std::string> sent;
  for (int i = 0; i < 30; ++i) {
    pairs.push_back(connect(listener));
    echo(*pairs.back().server);
    sent.push_back(random_bytes(environment().bulk_bytes() / 64 + 1));
    pairs.back().client->send(sent.back());
  }
  ASSERT_TRUE(turn_until([&] {
    return std::ranges::equal(pairs, sent, std::ranges::equal_to{},
                              [](const link& pair) { return pair.client->received(); });
  }));
}

}  // namespace
}  // namespace naru::test
