#include "core/packed_period.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace {

using naru::core::packed_period;
using namespace std::chrono_literals;

std::chrono::milliseconds there_and_back(std::chrono::milliseconds period) {
  const auto packed = packed_period::pack(period);
  EXPECT_EQ(packed & ~packed_period::mask, 0U);
  return packed_period::unpack(packed);
}

TEST(packed_period_test, is_exact_up_to_three_days) {
  for (const std::chrono::milliseconds exact : {0ms, 1ms, 999ms, 65'537ms, 259'200'001ms}) {
    EXPECT_EQ(there_and_back(exact), exact);
  }
}

TEST(packed_period_test, is_rounded_up_to_seconds_beyond) {
  EXPECT_EQ(there_and_back(400'000'001ms), 400'001s);
  EXPECT_EQ(there_and_back(400'000'000ms), 400'000s);
  EXPECT_EQ(there_and_back(std::chrono::years{7}), std::chrono::years{7});
}

TEST(packed_period_test, has_an_end) {
  EXPECT_EQ(there_and_back(std::chrono::milliseconds::max()), std::chrono::years{8});
}

}  // namespace
