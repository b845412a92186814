#include "datagram_ledger.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <gtest/gtest.h>

namespace naru::program {

namespace {

using namespace std::chrono_literals;
using kind = datagram_ledger::kind;
using time_point = datagram_ledger::time_point;

constexpr time_point begin{1h};

/// A ledger with a timeout of 100 ms, to which messages were sent 10 ms after each other.
datagram_ledger after_sending(int count) {
  datagram_ledger ledger{100ms};
  for (int i = 0; i < count; ++i) ledger.sent(begin + i * 10ms - 1ms, begin + i * 10ms);
  return ledger;
}

TEST(DatagramLedger, HasNothingUnderWayAtFirst) {
  datagram_ledger ledger{100ms};
  EXPECT_EQ(ledger.under_way(), 0U);
  EXPECT_EQ(ledger.next_loss(), std::nullopt);
  EXPECT_EQ(ledger.give_up(time_point::max()), 0U);
  EXPECT_EQ(ledger.answered(0).is, kind::unsent);
}

TEST(DatagramLedger, HandsBackWhenAMessageWasDue) {
  auto ledger = after_sending(3);
  EXPECT_EQ(ledger.under_way(), 3U);
  for (std::uint64_t i = 0; i < 3; ++i) {
    const auto answer = ledger.answered(i);
    EXPECT_EQ(answer.is, kind::in_time);
    EXPECT_FALSE(answer.reordered);
    EXPECT_EQ(answer.due, begin + static_cast<int>(i) * 10ms - 1ms);
  }
  EXPECT_EQ(ledger.under_way(), 0U);
  EXPECT_EQ(ledger.answered(3).is, kind::unsent);
}

TEST(DatagramLedger, LosesAMessageAtItsTimeoutAndNotBefore) {
  auto ledger = after_sending(3);
  EXPECT_EQ(ledger.next_loss(), begin + 100ms);
  EXPECT_EQ(ledger.give_up(begin + 100ms - 1ns), 0U);
  EXPECT_EQ(ledger.give_up(begin + 100ms), 1U);
  EXPECT_EQ(ledger.under_way(), 2U);
  EXPECT_EQ(ledger.next_loss(), begin + 110ms);
  EXPECT_EQ(ledger.give_up(begin + 1h), 2U);
  EXPECT_EQ(ledger.under_way(), 0U);
  EXPECT_EQ(ledger.next_loss(), std::nullopt);
}

TEST(DatagramLedger, DoesNotLoseWhatWasAnswered) {
  auto ledger = after_sending(3);
  EXPECT_EQ(ledger.answered(1).is, kind::in_time);
  EXPECT_EQ(ledger.next_loss(), begin + 100ms);
  EXPECT_EQ(ledger.give_up(begin + 1h), 2U);
}

TEST(DatagramLedger, KnowsALateAnswerOnce) {
  auto ledger = after_sending(2);
  EXPECT_EQ(ledger.give_up(begin + 100ms), 1U);
  EXPECT_EQ(ledger.answered(0).is, kind::late);
  EXPECT_EQ(ledger.answered(0).is, kind::duplicate);
  EXPECT_EQ(ledger.under_way(), 1U);
  EXPECT_EQ(ledger.answered(1).is, kind::in_time);
}

TEST(DatagramLedger, KnowsADuplicateBesideOnesUnderWayAndLongAfter) {
  auto ledger = after_sending(3);
  EXPECT_EQ(ledger.answered(1).is, kind::in_time);
  EXPECT_EQ(ledger.answered(1).is, kind::duplicate);
  EXPECT_EQ(ledger.answered(0).is, kind::in_time);
  EXPECT_EQ(ledger.answered(2).is, kind::in_time);
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(ledger.answered(i).is, kind::duplicate);
  EXPECT_EQ(ledger.under_way(), 0U);
}

TEST(DatagramLedger, KnowsTheLatestOfVeryManyLostOnes) {
  datagram_ledger ledger{100ms};
  for (std::size_t i = 0; i <= datagram_ledger::lost_known_max; ++i) ledger.sent(begin, begin);
  EXPECT_EQ(ledger.give_up(begin + 100ms), datagram_ledger::lost_known_max + 1);
  EXPECT_EQ(ledger.answered(0).is, kind::duplicate);
  EXPECT_EQ(ledger.answered(1).is, kind::late);
}

// RFC 4737, 7.1: of 1, 2, 3, 5, 4, 6 the 4 is reordered; of 1, 2, 5, 3, 4, 6 both the 3 and the 4 are.
TEST(DatagramLedger, CountsAsReorderedWhatComesAfterALaterOne) {
  auto ledger = after_sending(7);
  for (const std::uint64_t in_order : {0U, 1U, 4U}) EXPECT_FALSE(ledger.answered(in_order).reordered);
  for (const std::uint64_t passed : {2U, 3U}) EXPECT_TRUE(ledger.answered(passed).reordered);
  EXPECT_FALSE(ledger.answered(5).reordered);
  EXPECT_FALSE(ledger.answered(2).reordered) << "a duplicate has no place in the order";
}

TEST(DatagramLedger, GivesWhatIsLostNoPlaceInTheOrder) {
  auto ledger = after_sending(4);
  EXPECT_EQ(ledger.answered(2).is, kind::in_time);
  EXPECT_EQ(ledger.give_up(begin + 100ms), 1U);
  EXPECT_FALSE(ledger.answered(0).reordered);
  EXPECT_TRUE(ledger.answered(1).reordered);
  EXPECT_FALSE(ledger.answered(3).reordered);
}

TEST(DatagramLedger, EndsEveryMessageInExactlyOneWay) {
  datagram_ledger ledger{100ms};
  std::size_t in_time = 0;
  std::size_t lost = 0;
  std::size_t late = 0;
  std::size_t duplicates = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const auto now = begin + i * 10ms;
    lost += ledger.give_up(now);
    ledger.sent(now, now);
    if (i % 3 == 0 || i < 50) continue;
    // Of the rest every other one is answered at once; instead of the others, one that was sent long ago.
    const auto answer = ledger.answered(i % 2 == 0 ? i : i - 25);
    in_time += answer.is == kind::in_time ? 1 : 0;
    late += answer.is == kind::late ? 1 : 0;
    duplicates += answer.is == kind::duplicate ? 1 : 0;
    ASSERT_NE(answer.is, kind::unsent);
    ASSERT_LE(ledger.under_way(), 10U);
  }
  lost += ledger.give_up(time_point::max());
  EXPECT_EQ(in_time + lost, 10'000U);
  EXPECT_LE(late, lost);
  EXPECT_GT(late, 0U);
  EXPECT_GT(duplicates, 0U);
}

}  // namespace

}  // namespace naru::program
