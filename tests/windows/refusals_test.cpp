// R4.4: Windows, too, may refuse for lack of room. Wine never does, so that its calls are replaced.

#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "engine/windows/windows_headers.hpp"
#include "support/seam_bench.hpp"
#include "windows/refused_calls.hpp"

namespace naru::test {
namespace {

class refusals : public testing::Test, public seam_bench {
 protected:
  refusals() : seam_bench{make_refusing_environment()} {}
};

TEST_F(refusals, a_send_is_tried_again) {
  for (const int code : {WSAENOBUFS, WSAEWOULDBLOCK}) {
    const link pair = connect();
    const std::string bytes = random_bytes(200'000);
    refuse_next(socket_call::send, code, 5);
    pair.client->send(bytes);
    ASSERT_TRUE(turn_until([&] { return pair.server->received().size() == bytes.size(); }));
    EXPECT_EQ(pair.server->received(), bytes);
    EXPECT_EQ(refusals_left(socket_call::send), 0);
    EXPECT_FALSE(pair.client->send_error());
  }
}

TEST_F(refusals, a_send_that_fails_for_another_reason_has_failed) {
  const link pair = connect();
  refuse_next(socket_call::send, WSAECONNABORTED);
  pair.client->send("lost");
  ASSERT_TRUE(turn_until([&] { return static_cast<bool>(pair.client->send_error()); }));
  EXPECT_EQ(pair.client->send_error(), std::errc::connection_aborted);
}

TEST_F(refusals, a_receive_is_tried_again) {
  seam_listener& listener = listen();
  refuse_next(socket_call::receive, WSAENOBUFS, 6);
  const link pair = connect(listener);
  pair.client->send("up");
  pair.server->send("down");
  ASSERT_TRUE(
      turn_until([&] { return pair.server->received() == "up" && pair.client->received() == "down"; }));
  EXPECT_EQ(refusals_left(socket_call::receive), 0);
}

TEST_F(refusals, a_receive_that_fails_for_another_reason_ends_what_is_received) {
  const link pair = connect();
  refuse_next(socket_call::receive, WSAETIMEDOUT);
  pair.client->send("the last that comes");
  ASSERT_TRUE(turn_until([&] { return pair.server->receive_ended(); }));
  EXPECT_EQ(pair.server->received(), "the last that comes");
  EXPECT_EQ(pair.server->receive_error(), std::errc::timed_out);
}

TEST_F(refusals, an_accept_that_lacks_something_rests_until_it_is_resumed) {
  refuse_next(socket_call::accept, WSAENOBUFS);
  seam_listener& listener = listen();
  ASSERT_TRUE(turn_until([&] { return !listener.failures.empty(); }));
  EXPECT_EQ(listener.failures.front(), std::errc::no_buffer_space);
  seam_peer* const client = begin_connect(listener.local);
  ASSERT_TRUE(turn_until([&] { return client->is_connected(); }));
  turn_for_a_while();
  EXPECT_TRUE(listener.arrivals.empty()) << "it rests";
  listener.acceptor->resume();
  ASSERT_TRUE(turn_until([&] { return !listener.arrivals.empty(); }));
  EXPECT_EQ(listener.failures.size(), 1U);
}

TEST_F(refusals, a_peer_that_was_gone_before_it_was_accepted_is_nobodys_failure) {
  refuse_next(socket_call::accept, WSAECONNRESET, 40);
  seam_listener& listener = listen();
  const link pair = connect(listener);
  EXPECT_TRUE(pair.client->is_connected());
  EXPECT_EQ(refusals_left(socket_call::accept), 0);
  EXPECT_TRUE(listener.failures.empty());
}

TEST_F(refusals, a_datagram_is_tried_again) {
  seam_datagram_peer& server = share(server_engine());
  seam_datagram_peer& client = connect_datagrams(server.local());
  refuse_next(socket_call::send, WSAENOBUFS, 3);
  client.send("one");
  client.send("two");
  ASSERT_TRUE(turn_until([&] { return server.received().size() == 2; }));
  EXPECT_EQ(server.received_texts(), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(refusals_left(socket_call::send), 0);
  EXPECT_TRUE(client.refused().empty());
}

TEST_F(refusals, a_receive_of_datagrams_is_tried_again) {
  refuse_next(socket_call::receive_message, WSAENOBUFS, 5);
  seam_datagram_peer& server = share(server_engine());
  seam_datagram_peer& client = connect_datagrams(server.local());
  client.send("late");
  ASSERT_TRUE(turn_until([&] { return server.received().size() == 1; }));
  EXPECT_TRUE(server.errors().empty());
}

}  // namespace
}  // namespace naru::test
