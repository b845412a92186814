#include <algorithm>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "linux/engine/engine_test.hpp"
#include "support/payload.hpp"

namespace naru::test {
namespace {

using receive_test = engine_test;

constexpr std::size_t scratch_bytes = std::size_t{32} << 10;

TEST_F(receive_test, bytes_come_as_they_were_sent) {
  auto [us, them] = adopt_receiving();
  them.send("hello");
  ASSERT_TRUE(poll_until([&] { return us.received == "hello"; }));
  EXPECT_EQ(us.receives, 1U);
  EXPECT_TRUE(is_idle());
  them.send(", ferry");
  ASSERT_TRUE(poll_until([&] { return us.received == "hello, ferry"; }));
}

TEST_F(receive_test, a_stream_starts_paused_and_keeps_what_came_before) {
  auto [us, them] = adopt();
  them.send("early");
  EXPECT_FALSE(us.connected) << "adopting is not connecting";
  engine_->poll(glance);
  EXPECT_TRUE(is_idle());
  EXPECT_EQ(us.receives, 0U);
  us.stream->resume_receiving();
  EXPECT_EQ(us.receives, 0U) << "no event comes from inside a call";
  ASSERT_TRUE(poll_until([&] { return us.received == "early"; }));
}

TEST_F(receive_test, nothing_more_comes_after_a_pause_inside_the_callback) {
  auto [us, them] = adopt_receiving();
  const std::string sent = pattern(8 * scratch_bytes);
  us.when_received = [&us](bytes_view) { us.stream->pause_receiving(); };
  std::size_t resumed = 0;
  for (std::string_view rest = sent; us.received.size() < sent.size();) {
    rest.remove_prefix(them.send_what_fits(rest));
    ASSERT_TRUE(poll_until([&] { return us.receives > resumed; }));
    EXPECT_EQ(us.receives, resumed + 1) << "paused, and yet more was handed out";
    ++resumed;
    us.stream->resume_receiving();  // perhaps without a new edge
  }
  EXPECT_EQ(us.received, sent);
}

TEST_F(receive_test, a_pause_that_is_taken_back_changes_nothing) {
  auto [us, them] = adopt_receiving();
  us.when_received = [&us](bytes_view) {
    us.stream->pause_receiving();
    us.stream->resume_receiving();
  };
  const std::string sent = pattern(3 * scratch_bytes / 2);
  them.send(sent);
  ASSERT_TRUE(poll_until([&] { return us.received.size() == sent.size(); }));
  EXPECT_EQ(us.received, sent);
  engine_->poll({});
  EXPECT_TRUE(is_idle());
}

TEST_F(receive_test, two_floods_share_each_poll) {  // R4.7
  auto [first, first_peer] = adopt();
  auto [second, second_peer] = adopt();
  const std::string sent = pattern(std::size_t{1} << 20);
  const std::size_t first_bytes = first_peer.send_what_fits(sent);
  const std::size_t second_bytes = second_peer.send_what_fits(sent);
  ASSERT_GT(std::min(first_bytes, second_bytes), 8 * scratch_bytes) << "the floods must last several turns";
  engine_->poll(glance);  // the edges are seen while both are paused
  first.stream->resume_receiving();
  second.stream->resume_receiving();

  constexpr std::size_t share = 1;
  std::size_t polls = 0;
  while (first.received.size() < first_bytes || second.received.size() < second_bytes) {
    const std::size_t first_before = first.receives;
    const std::size_t second_before = second.receives;
    engine_->poll(glance);
    EXPECT_LE(first.receives - first_before, share);
    EXPECT_LE(second.receives - second_before, share);
    ASSERT_LT(++polls, 10'000U);
    if (polls == 1) {
      EXPECT_GT(std::min(first.receives, second.receives), 0U) << "both had bytes, and each its turn";
    }
  }
  EXPECT_EQ(first.received, sent.substr(0, first_bytes));
  EXPECT_EQ(second.received, sent.substr(0, second_bytes));
}

TEST_F(receive_test, a_flood_does_not_delay_another_stream_to_a_later_poll) {  // R4.7
  auto [flood, flood_peer] = adopt_receiving();
  auto [other, other_peer] = adopt_receiving();
  const std::size_t flood_bytes = flood_peer.send_what_fits(pattern(std::size_t{1} << 20));
  engine_->poll(glance);
  ASSERT_LT(flood.received.size(), flood_bytes) << "the flood must last more than one turn";
  other_peer.send("x");
  engine_->poll({});
  EXPECT_EQ(other.received, "x");
}

TEST_F(receive_test, the_end_comes_behind_the_bytes) {  // R3.6
  auto [us, them] = adopt_receiving();
  const std::string sent = pattern(5 * scratch_bytes);
  std::size_t done = 0;
  for (std::string_view rest = sent; !rest.empty(); engine_->poll({})) {
    rest.remove_prefix(them.send_what_fits(rest));
    done = sent.size() - rest.size();
  }
  ASSERT_EQ(done, sent.size());
  them.close();
  ASSERT_TRUE(poll_until([&] { return us.receive_ended.has_value(); }));
  EXPECT_EQ(us.received, sent);
  EXPECT_EQ(us.receive_ended, std::error_code{}) << "an orderly end is no error";
}

TEST_F(receive_test, the_end_waits_for_a_resume) {
  auto [us, them] = adopt();
  them.send("last words");
  them.close();
  engine_->poll(glance);
  EXPECT_TRUE(is_idle());
  EXPECT_FALSE(us.receive_ended);
  us.stream->resume_receiving();
  ASSERT_TRUE(poll_until([&] { return us.receive_ended.has_value(); }));
  EXPECT_EQ(us.received, "last words");
}

TEST_F(receive_test, a_reset_is_an_error) {
  auto [us, them] = adopt_receiving();
  them.reset();
  ASSERT_TRUE(poll_until([&] { return us.receive_ended.has_value(); }));
  EXPECT_EQ(us.receive_ended, std::errc::connection_reset);
  EXPECT_TRUE(is_idle());
}

TEST_F(receive_test, a_half_closed_stream_does_not_spin_and_can_still_send) {  // R4.3
  auto [us, them] = adopt_receiving();
  them.shutdown_send();
  ASSERT_TRUE(poll_until([&] { return us.receive_ended.has_value(); }));
  EXPECT_TRUE(is_idle());
  std::size_t offset = 0;
  ASSERT_TRUE(send_from(*us.stream, "still here", offset));
  EXPECT_EQ(them.receive(10), "still here");
  us.stream->shutdown_send();  // both directions have ended: EPOLLHUP, which nobody can mask
  EXPECT_EQ(them.receive_end(), 0);
  engine_->poll({});
  EXPECT_TRUE(is_idle());
}

TEST_F(receive_test, urgent_data_does_not_hide_the_bytes_behind_it) {
  auto [us, them] = adopt_receiving();
  them.send("before");
  them.send_urgent('!');
  them.send("after");
  ASSERT_TRUE(poll_until([&] { return us.received == "beforeafter"; })) << us.received;
  EXPECT_TRUE(is_idle());
}

}  // namespace
}  // namespace naru::test
