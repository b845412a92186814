#include <vector>

#include <gtest/gtest.h>

#include "core/dial.hpp"

namespace naru::core {
namespace {

const endpoint four_a = endpoint::parse("192.0.2.1:7").value();
const endpoint four_b = endpoint::parse("192.0.2.2:7").value();
const endpoint six_a = endpoint::parse("[2001:db8::1]:7").value();
const endpoint six_b = endpoint::parse("[2001:db8::2]:7").value();
const endpoint six_c = endpoint::parse("[2001:db8::3]:7").value();

using order = std::vector<endpoint>;

TEST(TryOrder, TakesTheFamiliesInTurn_RFC8305_4) {
  EXPECT_EQ(in_turn_by_family({six_a, six_b, four_a, four_b}), (order{six_a, four_a, six_b, four_b}));
}

TEST(TryOrder, BeginsWithTheFamilyThatTheSystemPrefers) {
  EXPECT_EQ(in_turn_by_family({four_a, six_a, four_b}), (order{four_a, six_a, four_b}));
}

TEST(TryOrder, KeepsTheRestOfTheLongerFamilyInOrder) {
  EXPECT_EQ(in_turn_by_family({six_a, four_a, six_b, six_c}), (order{six_a, four_a, six_b, six_c}));
}

TEST(TryOrder, LeavesASingleFamilyAlone) {
  EXPECT_EQ(in_turn_by_family({four_b, four_a}), (order{four_b, four_a}));
}

}  // namespace
}  // namespace naru::core
