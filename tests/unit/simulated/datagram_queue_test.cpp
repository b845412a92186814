#include "engine/simulated/datagram_queue.hpp"

#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <naru/bytes.hpp>

namespace naru::engine::simulated {
namespace {

/// Room for a bit more than two datagrams of 100 bytes, with what each takes beside its bytes.
class datagram_queue_test : public testing::Test {
 protected:
  void put(std::string_view text, unsigned late_polls = 0) {
    const bytes_view bytes = as_bytes(text);
    queue_.put({.bytes = {bytes.begin(), bytes.end()}}, late_polls);
  }
  std::string take() { return std::string{as_text(queue_.take().what.bytes)}; }

  const std::string large_ = std::string(100, 'x');
  datagram_queue queue_{800};
};

TEST_F(datagram_queue_test, the_first_that_came_is_the_first_taken) {
  put("one");
  put("two");
  EXPECT_EQ(queue_.size(), 2U);
  EXPECT_EQ(take(), "one");
  EXPECT_EQ(take(), "two");
  EXPECT_EQ(queue_.size(), 0U);
}

TEST_F(datagram_queue_test, what_does_not_fit_is_lost_and_told_by_the_next_that_does) {
  for (int i = 0; i < 5; ++i) put(large_);
  EXPECT_EQ(queue_.size(), 2U);
  EXPECT_EQ(queue_.take().lost_before, 0U);
  put("next");
  EXPECT_EQ(queue_.take().lost_before, 0U);
  EXPECT_EQ(queue_.take().lost_before, 3U);
  EXPECT_EQ(queue_.take_lost(), 0U);
}

TEST_F(datagram_queue_test, losses_behind_the_last_are_told_when_they_are_asked_for) {
  for (int i = 0; i < 5; ++i) put(large_);
  EXPECT_EQ(queue_.take_lost(), 3U);
  EXPECT_EQ(queue_.take_lost(), 0U);
}

TEST_F(datagram_queue_test, empty_ones_are_not_held_without_end) {
  for (int i = 0; i < 10; ++i) put("");
  EXPECT_EQ(queue_.size(), 3U);
  EXPECT_EQ(queue_.take_lost(), 7U);
}

TEST_F(datagram_queue_test, a_single_one_has_room_in_the_smallest_buffer) {
  put(std::string(60'000, 'x'));
  EXPECT_EQ(queue_.size(), 1U);
  put("");
  EXPECT_EQ(queue_.take_lost(), 1U);
  EXPECT_EQ(take().size(), 60'000U);
  put("");
  EXPECT_EQ(queue_.size(), 1U);
}

TEST_F(datagram_queue_test, another_capacity_holds_for_those_that_come) {
  put(large_);
  put(large_);
  queue_.set_capacity(10'000);
  for (int i = 0; i < 5; ++i) put(large_);
  EXPECT_EQ(queue_.size(), 7U);
  queue_.set_capacity(1);
  put("");
  EXPECT_EQ(queue_.size(), 7U);
  EXPECT_EQ(queue_.take_lost(), 1U);
}

TEST_F(datagram_queue_test, a_late_one_is_overtaken_and_takes_room_meanwhile) {
  put("late", 2);
  put("prompt");
  EXPECT_EQ(queue_.size(), 1U);
  EXPECT_TRUE(queue_.pass_poll());
  EXPECT_EQ(queue_.size(), 1U);
  put(large_);
  EXPECT_EQ(queue_.take_lost(), 1U);
  EXPECT_FALSE(queue_.pass_poll());
  EXPECT_EQ(take(), "prompt");
  EXPECT_EQ(take(), "late");
}

}  // namespace
}  // namespace naru::engine::simulated
