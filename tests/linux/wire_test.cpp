// R5.2, R3.6, "Closing": what a peer sees that is nothing but a socket of the kernel's.

#include <cerrno>
#include <string>

#include "linux/engine/peer.hpp"
#include "linux/linux_network_test.hpp"

namespace naru::test {
namespace {

class wire : public linux_network_test {
 protected:
  static constexpr std::size_t queued_bytes = std::size_t{4} << 20;

  /// Queues that much, in raw messages.
  static std::string queue(connection& to) {
    std::string text = pattern(queued_bytes);
    for (std::size_t at = 0; at < text.size(); at += 100'000) {
      EXPECT_TRUE(to.send(std::string_view{text}.substr(at, 100'000)));
    }
    return text;
  }
};

INSTANTIATE_TEST_SUITE_P(engines, wire, testing::ValuesIn(kernel_engines()), engine_name{});

TEST_P(wire, R5_2_a_size_of_four_bytes_big_endian_that_does_not_count_itself) {
  using namespace std::string_literals;
  peer other = peer::connected_to(listen_and_echo());
  other.send("\0\0\0\5hel"s);
  other.send("lo\0\0\0\0\0\0\1"s);
  other.send("\1"s + std::string(257, 'x'));
  EXPECT_EQ(other.receive(9), "\0\0\0\5hello"s);
  EXPECT_EQ(other.receive(4), "\0\0\0\0"s);
  EXPECT_EQ(other.receive(261), "\0\0\1\1"s + std::string(257, 'x'));
}

TEST_P(wire, R3_6_after_a_peers_end_everything_that_is_queued_is_sent) {
  const endpoint where =
      listen({.frames = framing::raw()}, {.received = [](connection& self, bytes_view) { queue(self); }});
  peer other = peer::connected_to(where);
  other.send("x");
  other.shutdown_send();
  EXPECT_TRUE(other.receive(queued_bytes) == pattern(queued_bytes));
  EXPECT_EQ(other.receive_end(), 0);
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(*at_server_.at().closed, close_cause::peer);
}

TEST_P(wire, R3_6_close_loses_nothing_that_is_queued_although_unread_input_is_waiting) {
  // A plain close(2) of a socket with unread input sends a reset, which destroys what the peer has not read
  // (RFC 2525, 2.17).
  peer other = peer::connected_to(listen({.frames = framing::raw()}));
  ASSERT_TRUE(at_server_.connected());
  const auto mine = at_server_.shell();
  mine->pause_receiving();
  other.send(pattern(50'000));
  const std::string queued = queue(*mine);
  mine->close();
  EXPECT_TRUE(other.receive(queued_bytes) == queued);
  other.shutdown_send();
  EXPECT_EQ(other.receive_end(), 0);
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(at_server_.at().closed->error, std::error_code{});
}

TEST_P(wire, R3_4_abort_is_a_reset) {
  peer other = peer::connected_to(listen());
  ASSERT_TRUE(at_server_.connected());
  at_server_.shell()->abort();
  EXPECT_EQ(other.receive_end(), ECONNRESET);
}

TEST_P(wire, R4_2_a_backlog_that_is_full_is_a_reset) {
  peer other = peer::connected_to(listen({.max_message_bytes = 1000, .backlog_bytes_max = 10'000}));
  ASSERT_TRUE(at_server_.connected());
  const auto mine = at_server_.shell();
  while (mine->send(pattern(1000))) {
  }
  EXPECT_EQ(other.receive_end(), ECONNRESET);
}

TEST_P(wire, R5_3_a_message_that_is_too_large_ends_the_connection) {
  peer other = peer::connected_to(listen());
  other.send(size_prefix(0xffffffff));
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(*at_server_.at().closed, close_cause::message_too_large);
  const int end = other.receive_end();
  EXPECT_TRUE(end == 0 || end == ECONNRESET) << end;
}

TEST_P(wire, urgent_data_disturbs_nothing) {
  peer other = peer::connected_to(listen_and_echo());
  other.send(framed("before"));
  other.send_urgent('!');
  other.send(framed("after"));
  EXPECT_EQ(other.receive(10), framed("before"));
  EXPECT_EQ(other.receive(9), framed("after"));
}

}  // namespace
}  // namespace naru::test
