// What the seam promises of the end of streams and acceptors, on every engine: on_closed once and last,
// orderly closes that lose nothing, resets that are seen, and failures that stay where they are.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "conformance/seam_test.hpp"

namespace naru::test {
namespace {

using engine::close_mode;

class seam_endings : public seam_test {};

INSTANTIATE_TEST_SUITE_P(engines, seam_endings, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(seam_endings, an_orderly_close_delivers_what_was_taken) {
  const link pair = connect();
  const std::string bytes = random_bytes(environment().bulk_bytes() / 8);
  pair.client->send(bytes);
  ASSERT_TRUE(turn_until([&] { return pair.client->all_sent(); }));
  pair.client->close(close_mode::orderly);
  ASSERT_TRUE(turn_until([&] { return pair.client->closed() && pair.server->receive_ended(); }));
  EXPECT_FALSE(pair.server->receive_error());
  EXPECT_EQ(pair.server->received(), bytes);
}

TEST_P(seam_endings, a_reset_is_seen_by_who_receives) {
  const link pair = connect();
  pair.client->close(close_mode::reset);
  ASSERT_TRUE(turn_until([&] { return pair.server->receive_ended(); }));
  EXPECT_EQ(pair.server->receive_error(), std::errc::connection_reset);
}

TEST_P(seam_endings, a_reset_is_seen_by_who_sends) {
  const link pair = connect();
  pair.server->pause();
  pair.client->pause();
  pair.client->send(flood());
  ASSERT_TRUE(turn_until([&] { return pair.client->send_pending(); }));
  pair.server->close(close_mode::reset);
  ASSERT_TRUE(turn_until([&] { return static_cast<bool>(pair.client->send_error()); }));
  EXPECT_TRUE(pair.client->send_error() == std::errc::connection_reset ||
              pair.client->send_error() == std::errc::broken_pipe);
}

TEST_P(seam_endings, a_close_with_unread_input_resets_the_peer) {
  const link pair = connect();
  pair.server->pause();
  turn_for_a_while();
  pair.client->send("?!");
  ASSERT_TRUE(turn_until([&] { return pair.client->all_sent(); }));
  turn_for_a_while();
  pair.server->close(close_mode::orderly);
  ASSERT_TRUE(turn_until([&] { return pair.client->receive_ended(); }));
  EXPECT_EQ(pair.client->receive_error(), std::errc::connection_reset);
}

TEST_P(seam_endings, sending_to_a_peer_that_is_gone_fails_in_the_end) {
  const link pair = connect();
  pair.server->close(close_mode::orderly);
  ASSERT_TRUE(turn_until([&] { return pair.server->closed() && pair.client->receive_ended(); }));
  EXPECT_FALSE(pair.client->receive_error());
  ASSERT_TRUE(turn_until([&] {
    pair.client->send("anybody?");
    return static_cast<bool>(pair.client->send_error());
  }));
}

TEST_P(seam_endings, a_close_takes_back_a_pending_send) {
  for (const close_mode mode : {close_mode::orderly, close_mode::reset}) {
    const link pair = connect();
    pair.server->pause();
    pair.client->send(flood());
    ASSERT_TRUE(turn_until([&] { return pair.client->send_pending(); }));
    pair.client->close(mode);
    EXPECT_TRUE(turn_until([&] { return pair.client->closed(); }));
  }
}

TEST_P(seam_endings, a_connect_to_a_deserted_port_is_refused) {
  seam_listener& listener = listen();
  const endpoint deserted = listener.local;
  close(listener);
  if (seam_peer* const peer = begin_connect(deserted)) {
    ASSERT_TRUE(turn_until([&] { return peer->was_answered(); }));
    EXPECT_EQ(peer->connect_error(), std::errc::connection_refused);
    peer->close(close_mode::orderly);
    EXPECT_TRUE(turn_until([&] { return peer->closed(); }));
  }
}

TEST_P(seam_endings, a_connect_can_be_given_up_at_any_moment) {
  seam_listener& listener = listen();
  for (std::size_t turns = 0; turns < 12; ++turns) {
    seam_peer* const peer = begin_connect(listener.local);
    ASSERT_NE(peer, nullptr);
    for (std::size_t i = 0; i < turns; ++i) turn();
    peer->close(turns % 2 == 0 ? close_mode::orderly : close_mode::reset);
    ASSERT_TRUE(turn_until([&] { return peer->closed(); }));
  }
  turn_for_a_while();
  listener.arrivals.clear();
  const link pair = connect(listener);
  pair.client->send("still here");
  EXPECT_TRUE(turn_until([&] { return pair.server->received() == "still here"; }));
}

TEST_P(seam_endings, an_accepted_socket_that_nobody_adopts_is_closed) {
  seam_listener& listener = listen();
  seam_peer* const client = begin_connect(listener.local);
  ASSERT_TRUE(turn_until([&] { return client->is_connected() && !listener.arrivals.empty(); }));
  listener.arrivals.clear();
  client->resume();
  EXPECT_TRUE(turn_until([&] { return client->receive_ended(); }));
}

TEST_P(seam_endings, a_peer_that_is_gone_before_it_is_adopted_harms_nobody) {
  seam_listener& listener = listen();
  seam_peer* const hasty = begin_connect(listener.local);
  ASSERT_TRUE(turn_until([&] { return hasty->is_connected(); }));
  hasty->close(close_mode::reset);
  ASSERT_TRUE(turn_until([&] { return hasty->closed(); }));
  // Some systems tell of such a peer, others do not.
  turn_for_a_while();
  if (!listener.arrivals.empty()) {
    seam_peer* const server = adopt(listener);
    server->resume();
    ASSERT_TRUE(turn_until([&] { return server->receive_ended(); }));
    EXPECT_EQ(server->receive_error(), std::errc::connection_reset);
  }
  const link pair = connect(listener);
  pair.client->send("next, please");
  EXPECT_TRUE(turn_until([&] { return pair.server->received() == "next, please"; }));
}

TEST_P(seam_endings, closes_at_any_moment_end_in_on_closed_and_never_garble_the_stream) {
  seam_listener& listener = listen();
  const std::size_t size = environment().bulk_bytes() / 32 + 1;
  for (int round = 0; round < 60; ++round) {
    const link pair = connect(listener);
    const std::string up = random_bytes(size);
    const std::string down = random_bytes(size);
    pair.client->send(up);
    pair.server->send(down);
    std::optional<std::size_t> turns_left = draw(40);
    // Some are closed from inside an event, others from outside.
    const auto close_in_time = [&](seam_peer& peer) {
      if (!peer.can_be_used() || draw(2) == 0) return;
      peer.close(draw(2) == 0 ? close_mode::orderly : close_mode::reset);
    };
    pair.client->when_received = [&](seam_peer& peer, bytes_view) {
      if (draw(8) == 0) close_in_time(peer);
    };
    for (; *turns_left > 0; --*turns_left) turn();
    close_in_time(*pair.server);
    turn();
    close_in_time(*pair.client);
    for (seam_peer* const peer : {pair.client, pair.server}) {
      if (peer->can_be_used()) peer->close(close_mode::orderly);
    }
    ASSERT_TRUE(turn_until([&] { return pair.client->closed() && pair.server->closed(); }));
    ASSERT_TRUE(up.starts_with(pair.server->received()));
    ASSERT_TRUE(down.starts_with(pair.client->received()));
  }
}

TEST_P(seam_endings, an_event_may_close_another_stream_that_has_one_waiting) {
  seam_listener& listener = listen();
  for (int round = 0; round < 20; ++round) {
    const link first = connect(listener);
    const link second = connect(listener);
    const auto kill = [](seam_peer& other) {
      return [&other](seam_peer&, bytes_view) {
        if (other.can_be_used()) other.close(close_mode::reset);
      };
    };
    first.server->when_received = kill(*second.server);
    second.server->when_received = kill(*first.server);
    for (const link& pair : {first, second}) pair.client->send("both are ready");
    // Only the client's engine, so that the server's finds both ready at once.
    ASSERT_TRUE(turn_client_until([&] { return first.client->all_sent() && second.client->all_sent(); }));
    ASSERT_TRUE(turn_until([&] { return first.server->closed() || second.server->closed(); }));
    turn_for_a_while();
    EXPECT_NE(first.server->closed(), second.server->closed()) << "the one that was closed was told of bytes";
  }
}

TEST_P(seam_endings, a_close_from_inside_an_event_leaves_a_pending_send_without_one) {
  const link pair = connect();
  pair.client->pause();
  pair.server->send(flood());
  ASSERT_TRUE(turn_until([&] { return pair.server->send_pending(); }));
  pair.server->when_received = [](seam_peer& self, bytes_view) { self.close(close_mode::orderly); };
  pair.client->send("end");
  pair.client->resume();
  ASSERT_TRUE(turn_client_until([&] { return pair.client->all_sent(); }));
  // The server's engine then finds both at once: bytes that came, and room for the rest of its own.
  for (int i = 0; i < 500; ++i) client_engine().poll(std::chrono::nanoseconds{0});
  EXPECT_TRUE(turn_until([&] { return pair.server->closed(); }));
}

TEST_P(seam_endings, a_closed_acceptor_has_freed_its_port) {
  seam_listener& first = listen();
  seam_peer* const waiting = begin_connect(first.local);
  ASSERT_TRUE(turn_until([&] { return waiting->was_answered(); }));
  close(first);
  seam_listener& second = listen(first.local);
  EXPECT_EQ(second.local, first.local);
  const link pair = connect(second);
  EXPECT_TRUE(pair.server->is_connected());
}

}  // namespace
}  // namespace naru::test
