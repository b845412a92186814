#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "linux/engine/child.hpp"
#include "linux/engine/engine_test.hpp"

namespace naru::test {
namespace {

class accept_test : public engine_test {
 protected:
  /// Serves the last accepted socket.
  link adopt_last(acceptor_log& door, peer them) {
    stream_log& us = streams_.emplace_back();
    us.stream = engine_->adopt(std::move(door.sockets.back()), door.remotes.back(), {}, us).value();
    us.stream->resume_receiving();
    return {us, std::move(them)};
  }
};

TEST_F(accept_test, a_peer_is_accepted_and_served) {  // R2.4
  acceptor_log& door = listen();
  EXPECT_TRUE(is_idle());
  peer visitor = peer::connected_to(door.local);
  visitor.send("knock");
  ASSERT_TRUE(poll_until([&] { return door.sockets.size() == 1; }));
  EXPECT_EQ(door.remotes.back(), visitor.local());
  auto [us, them] = adopt_last(door, std::move(visitor));
  EXPECT_EQ(us.stream->remote_endpoint(), them.local());
  EXPECT_EQ(us.stream->local_endpoint(), door.local);
  ASSERT_TRUE(poll_until([&] { return us.received == "knock"; }));
}

TEST_F(accept_test, a_crowd_is_accepted_in_bounded_shares) {  // R4.7
  acceptor_log& door = listen();
  auto [us, them] = adopt_receiving();
  std::vector<peer> crowd = crowd_at(door.local, 150);
  them.send("x");
  engine_->poll(glance);
  EXPECT_EQ(door.sockets.size(), 64U);
  EXPECT_EQ(us.received, "x") << "the crowd keeps nobody else waiting";
  ASSERT_TRUE(poll_until([&] { return door.sockets.size() == crowd.size(); }));
  EXPECT_TRUE(is_idle());
}

TEST_F(accept_test, a_socket_that_nobody_adopts_is_closed) {
  acceptor_log& door = listen();
  peer visitor = peer::connected_to(door.local);
  ASSERT_TRUE(poll_until([&] { return door.sockets.size() == 1; }));
  door.sockets.clear();
  EXPECT_EQ(visitor.receive_end(), 0);
}

TEST_F(accept_test, a_peer_that_resets_before_it_is_accepted_disturbs_nobody) {
  acceptor_log& door = listen();
  peer::connected_to(door.local).reset();
  peer second = peer::connected_to(door.local);
  second.send("hello");
  ASSERT_TRUE(poll_until([&] { return !door.remotes.empty() && door.remotes.back() == second.local(); }));
  auto [us, them] = adopt_last(door, std::move(second));
  ASSERT_TRUE(poll_until([&] { return us.received == "hello"; }));
  EXPECT_TRUE(door.failures.empty());
}

TEST_F(accept_test, adopting_a_socket_that_was_reset_ends_in_its_receiving) {
  acceptor_log& door = listen();
  peer visitor = peer::connected_to(door.local);
  ASSERT_TRUE(poll_until([&] { return door.sockets.size() == 1; }));
  visitor.reset();
  auto [us, them] = adopt_last(door, std::move(visitor));
  ASSERT_TRUE(poll_until([&] { return us.receive_ended.has_value(); }));
  EXPECT_EQ(us.receive_ended, std::errc::connection_reset);
}

TEST_F(accept_test, an_acceptor_closes_itself_while_a_crowd_waits) {
  acceptor_log& door = listen();
  std::vector<peer> crowd = crowd_at(door.local, 3);
  door.when_accepted = [&] { door.close(); };
  ASSERT_TRUE(poll_until([&] { return door.closed; }));
  EXPECT_EQ(door.sockets.size(), 1U);
  EXPECT_TRUE(platform_->bind_stream(door.local, {})) << "on_closed says that the port is free";
}

TEST_F(accept_test, a_full_descriptor_table_turns_one_away_and_rests) {
  acceptor_log& door = listen();
  peer turned_away = peer::connected_to(door.local);
  peer patient = peer::connected_to(door.local);
  {
    const descriptor_limit full{0};
    ASSERT_TRUE(poll_until([&] { return !door.failures.empty(); }));
    EXPECT_EQ(door.failures.front(), std::errc::too_many_files_open);
    EXPECT_EQ(turned_away.receive_end(), ECONNRESET) << "who is not served is told so";
    EXPECT_TRUE(is_idle()) << "a full table must not keep the engine busy";
  }
  EXPECT_TRUE(door.sockets.empty());
  const peer late = peer::connected_to(door.local);
  engine_->poll(glance);
  EXPECT_TRUE(door.sockets.empty()) << "it rests until it is told to go on";
  door.acceptor->resume();
  EXPECT_TRUE(door.sockets.empty()) << "no event comes from inside a call";
  engine_->poll({});  // no edge will come for those who have waited
  ASSERT_EQ(door.sockets.size(), 2U);
  EXPECT_EQ(door.remotes.front(), patient.local());
  EXPECT_EQ(door.remotes.back(), late.local());
  EXPECT_EQ(door.failures.size(), 1U);
}

TEST_F(accept_test, each_resume_at_a_full_table_turns_another_away) {
  acceptor_log& door = listen();
  std::vector<peer> crowd = crowd_at(door.local, 3);
  const descriptor_limit full{0};
  for (std::size_t i = 0; i < crowd.size(); ++i) {
    ASSERT_TRUE(poll_until([&] { return door.failures.size() == i + 1; }));
    EXPECT_EQ(crowd[i].receive_end(), ECONNRESET);
    door.acceptor->resume();
  }
  engine_->poll({});
  EXPECT_EQ(door.failures.size(), crowd.size()) << "with nobody waiting, nothing fails";
  EXPECT_TRUE(is_idle());
}

TEST_F(accept_test, a_last_descriptor_that_is_taken_is_no_failure) {
  acceptor_log& door = listen();
  const peer visitor = peer::connected_to(door.local);
  const descriptor_limit one_left{1};
  ASSERT_TRUE(poll_until([&] { return door.sockets.size() == 1; }));
  EXPECT_TRUE(door.failures.empty()) << "accept looks for a number first, and finds none: yet nobody waits";
}

TEST_F(accept_test, without_a_reserve_it_rests_and_recovers) {
  // The acceptor is made when no descriptor is left for the reserve.
  auto bound = platform_->bind_stream(endpoint::loopback_ipv4(0), {}).value();
  ASSERT_FALSE(platform_->listen(bound.socket, 16));
  const peer visitor = peer::connected_to(bound.local);
  acceptor_log& door = acceptors_.emplace_back();
  {
    const descriptor_limit full{0};
    door.acceptor = engine_->accept_from(std::move(bound.socket), door).value();
    ASSERT_TRUE(poll_until([&] { return door.failures.size() == 1; }));
    EXPECT_TRUE(is_idle());
  }
  door.acceptor->resume();
  ASSERT_TRUE(poll_until([&] { return door.sockets.size() == 1; }));
  EXPECT_EQ(door.remotes.back(), visitor.local());
}

}  // namespace
}  // namespace naru::test
