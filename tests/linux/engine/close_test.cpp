#include <cerrno>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "engine/linux/descriptor.hpp"
#include "linux/engine/engine_test.hpp"

namespace naru::test {
namespace {

using close_test = engine_test;

TEST_F(close_test, the_last_event_comes_later_and_once) {  // R3.6
  auto [us, them] = adopt_receiving();
  them.send("too late");
  us.close();
  EXPECT_FALSE(us.closed) << "no event comes from inside a call";
  ASSERT_TRUE(poll_until([&] { return us.closed; }));
  EXPECT_EQ(us.receives, 0U);
  EXPECT_TRUE(is_idle());
}

TEST_F(close_test, the_addresses_are_known_until_the_end) {
  auto [us, them] = adopt();
  const endpoint local = us.stream->local_endpoint();
  EXPECT_EQ(local, listener_.local());
  engine::stream& stream = *us.stream;
  us.close();
  EXPECT_EQ(stream.local_endpoint(), local);
  EXPECT_EQ(stream.remote_endpoint(), them.local());
}

TEST_F(close_test, an_orderly_close_sends_what_the_system_took) {
  auto [us, them] = adopt();
  std::size_t offset = 0;
  ASSERT_TRUE(send_from(*us.stream, "goodbye", offset));
  us.close();
  EXPECT_EQ(them.receive(7), "goodbye");
  EXPECT_EQ(them.receive_end(), 0);
}

TEST_F(close_test, a_reset_is_seen_by_the_peer) {
  auto [us, them] = adopt();
  us.close(engine::close_mode::reset);
  EXPECT_EQ(them.receive_end(), ECONNRESET);
}

TEST_F(close_test, a_pending_send_is_not_told_of_any_more) {
  auto [us, them] = adopt();
  std::size_t offset = 0;
  ASSERT_FALSE(send_from(*us.stream, std::string(std::size_t{16} << 20, 'x'), offset));
  us.close(engine::close_mode::reset);
  ASSERT_TRUE(poll_until([&] { return us.closed; }));
  EXPECT_EQ(us.sents, 0U);
}

TEST_F(close_test, a_stream_closes_itself_while_it_receives) {
  auto [us, them] = adopt_receiving();
  them.send(std::string(std::size_t{1} << 17, 'x'));
  us.when_received = [&us](bytes_view) { us.close(); };
  ASSERT_TRUE(poll_until([&] { return us.closed; }));
  EXPECT_EQ(us.receives, 1U);
}

TEST_F(close_test, a_stream_closes_itself_at_its_end) {
  auto [us, them] = adopt_receiving();
  std::size_t offset = 0;
  ASSERT_FALSE(send_from(*us.stream, std::string(std::size_t{16} << 20, 'x'), offset));
  us.when_receive_ended = [&us] { us.close(); };
  them.reset();  // one event for the end and for the pending send
  ASSERT_TRUE(poll_until([&] { return us.closed; }));
  EXPECT_EQ(us.sents, 0U);
}

TEST_F(close_test, one_of_two_ready_streams_closes_the_other) {
  auto [first, first_peer] = adopt_receiving();
  auto [second, second_peer] = adopt_receiving();
  engine_->poll({});
  first.when_received = [&second](bytes_view) { second.close(); };
  second.when_received = [&first](bytes_view) { first.close(); };
  first_peer.send("both are in one batch");
  second_peer.send("both are in one batch");
  engine_->poll(glance);
  EXPECT_EQ(first.receives + second.receives, 1U);
  EXPECT_NE(first.closed, second.closed);
}

TEST_F(close_test, an_old_event_does_not_reach_the_next_holder_of_the_descriptor) {
  auto [killer, killer_peer] = adopt_receiving();
  peer victim_peer = peer::connected_to(listener_.local());
  engine::raw_socket socket = listener_.accept_raw();
  const auto number = socket.get();
  stream_log& victim = streams_.emplace_back();
  victim.stream = engine_->adopt(std::move(socket), victim_peer.local(), {}, victim).value();
  engine_->poll({});

  const peer heir_peer = peer::connected_to(listener_.local());
  stream_log& heir = streams_.emplace_back();
  killer.when_received = [&](bytes_view) {
    victim.close();
    engine::raw_socket next = listener_.accept_raw();
    EXPECT_EQ(next.get(), number) << "the premise: a number is given out again at once";
    heir.stream = engine_->adopt(std::move(next), heir_peer.local(), {}, heir).value();
    std::size_t offset = 0;
    EXPECT_FALSE(send_from(*heir.stream, std::string(std::size_t{16} << 20, 'x'), offset));
  };
  killer_peer.send("x");
  victim_peer.send("x");  // waits in the same batch, behind the killer's event, and says that there is room
  engine_->poll(glance);
  ASSERT_TRUE(heir.stream != nullptr && victim.closed);
  engine_->poll({});
  EXPECT_EQ(heir.sents, 0U) << "the room was that of another socket";
  EXPECT_TRUE(is_idle());
}

TEST_F(close_test, a_duplicate_that_lives_on_tells_nothing) {  // such as a child of fork(2) holds
  peer them = peer::connected_to(listener_.local());
  engine::raw_socket socket = listener_.accept_raw();
  const peer duplicate{engine::descriptor{::dup(static_cast<int>(socket.get()))}};
  stream_log& us = streams_.emplace_back();
  us.stream = engine_->adopt(std::move(socket), them.local(), {}, us).value();
  us.stream->resume_receiving();
  them.send("early");
  ASSERT_TRUE(poll_until([&] { return us.received == "early"; }));
  us.close();
  ASSERT_TRUE(poll_until([&] { return us.closed; }));
  them.send("late");
  EXPECT_TRUE(is_idle()) << "the duplicate is watched still";
  EXPECT_EQ(us.received, "early");
}

TEST_F(close_test, closing_from_on_closed_does_not_nest) {
  constexpr std::size_t count = 300;
  std::vector<peer> peers;
  peers.reserve(count);
  for (std::size_t i = 0; i < count; ++i) peers.push_back(adopt_receiving().them);
  int depth = 0;
  for (auto log = streams_.begin(); log != streams_.end(); ++log) {
    log->when_closed = [&, log] {
      EXPECT_EQ(++depth, 1);
      if (const auto next = std::next(log); next != streams_.end()) next->close();
      --depth;
    };
  }
  streams_.front().close();
  EXPECT_TRUE(poll_until([&] { return streams_.back().closed; }));
}

}  // namespace
}  // namespace naru::test
