#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "engine/linux/descriptor.hpp"
#include "engine/linux/socket_address.hpp"
#include "engine/linux/socket_options.hpp"
#include "linux/engine/child.hpp"
#include "linux/engine/engine_test.hpp"

namespace naru::test {
namespace {

class connect_test : public engine_test {
 protected:
  /// What a connect to there comes to, whether it is told at once or by an event.
  std::error_code outcome(const endpoint& remote) {
    stream_log& us = streams_.emplace_back();
    const auto begun = engine_->connect(remote, {}, us);
    if (!begun) return begun.error();
    us.stream = *begun;
    EXPECT_FALSE(us.connected) << "no event comes from inside a call";
    EXPECT_TRUE(poll_until([&] { return us.connected.has_value(); }));
    EXPECT_TRUE(is_idle());
    return us.connected.value_or(std::error_code{});
  }

  /// A port that is free, as nobody listens there any more.
  static endpoint deserted() { return peer_listener{}.local(); }
};

TEST_F(connect_test, a_connect_is_answered_by_an_event) {  // R2.6
  stream_log& us = connect(listener_.local());
  peer them = listener_.accept();
  EXPECT_FALSE(us.connected);
  ASSERT_TRUE(poll_until([&] { return us.connected.has_value(); }));
  EXPECT_FALSE(*us.connected);
  EXPECT_EQ(us.stream->remote_endpoint(), listener_.local());
  EXPECT_EQ(us.stream->local_endpoint().family(), address_family::ipv4);

  them.send("welcome");
  us.stream->resume_receiving();
  std::size_t offset = 0;
  ASSERT_TRUE(send_from(*us.stream, "hello", offset));
  EXPECT_EQ(them.receive(5), "hello");
  EXPECT_TRUE(poll_until([&] { return us.received == "welcome"; }));
}

TEST_F(connect_test, what_came_with_the_answer_is_received) {
  stream_log& us = connect(listener_.local());
  us.when_connected = [&] { us.stream->resume_receiving(); };
  peer them = listener_.accept();
  them.send("first");
  them.close();
  ASSERT_TRUE(poll_until([&] { return us.receive_ended.has_value(); }));
  EXPECT_EQ(us.received, "first");
}

TEST_F(connect_test, nobody_there) {
  EXPECT_EQ(outcome(deserted()), std::errc::connection_refused);
}

TEST_F(connect_test, no_way_there) {
  // 240.0.0.0/4 is reserved (RFC 1112, 4): no route takes it as a destination, or none leads there.
  const endpoint nowhere{endpoint::ipv4_bytes{255, 255, 255, 255}, 7};
  const std::error_code error = outcome(nowhere);
  EXPECT_TRUE(error == std::errc::network_unreachable || error == std::errc::permission_denied)
      << error.message();
}

TEST_F(connect_test, no_address_is_refused_at_once) {
  stream_log& us = streams_.emplace_back();
  EXPECT_FALSE(engine_->connect(endpoint{}, {}, us));
}

TEST_F(connect_test, a_socket_that_meets_itself_was_refused) {
  if (!can_leave_network()) GTEST_SKIP() << "a network namespace cannot be made here";
  EXPECT_TRUE(in_child([&] {
    ASSERT_TRUE(leave_network());
    // With a single port to connect from, chance has no other choice than the port that is connected to.
    std::ofstream{"/proc/sys/net/ipv4/ip_local_port_range"} << "40000 40000";
    const endpoint itself = endpoint::loopback_ipv4(40000);
    {
      engine::descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
      const engine::socket_address address{itself};
      ASSERT_EQ(::connect(socket.get(), address.data(), address.size()), 0) << "the premise of this test";
      engine::reset_on_close(socket.get());
    }
    EXPECT_EQ(outcome(itself), std::errc::connection_refused);
    streams_.back().close();
    ASSERT_TRUE(poll_until([&] { return streams_.back().closed; }));
    EXPECT_EQ(outcome(itself), std::errc::connection_refused) << "the port was not given back at once";
  }));
}

TEST_F(connect_test, a_stream_can_be_closed_while_it_connects) {
  stream_log& us = connect(listener_.local());
  us.close();
  EXPECT_FALSE(us.closed) << "no event comes from inside a call";
  ASSERT_TRUE(poll_until([&] { return us.closed; }));
  EXPECT_FALSE(us.connected);
}

TEST_F(connect_test, a_stream_can_be_closed_by_its_answer) {
  stream_log& us = connect(listener_.local());
  us.when_connected = [&] { us.close(); };
  ASSERT_TRUE(poll_until([&] { return us.closed; }));
}

TEST_F(connect_test, the_winner_of_several_attempts_is_told_to_somebody_else) {
  stream_log& attempt = connect(listener_.local());
  ASSERT_TRUE(poll_until([&] { return attempt.connected.has_value(); }));
  stream_log& heir = streams_.emplace_back();
  heir.stream = std::exchange(attempt.stream, nullptr);
  heir.stream->set_events(heir);
  heir.stream->resume_receiving();
  peer them = listener_.accept();
  them.send("for you");
  ASSERT_TRUE(poll_until([&] { return heir.received == "for you"; }));
  EXPECT_EQ(attempt.receives, 0U);
}

}  // namespace
}  // namespace naru::test
