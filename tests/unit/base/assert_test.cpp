#include "base/assert.hpp"

#include <gtest/gtest.h>

namespace {

TEST(Assert, WhatHoldsIsSilent) {
  NARU_ASSERT(1 + 1 == 2, "numbers add up");
}

TEST(Assert, SaysWhatDoesNotHoldAndEndsTheProcess) {
#ifdef NDEBUG
  bool was_evaluated = false;
  NARU_ASSERT([&] { return was_evaluated = true; }(), "a release does not look");
  EXPECT_FALSE(was_evaluated);
#else
  int apples = 3;
  EXPECT_DEATH(NARU_ASSERT(apples == 4, "four apples are needed"),
               "assert_test\\.cpp:[0-9]+: .*four apples are needed \\(apples == 4 does not hold\\)");
#endif
}

}  // namespace
