#include "base/assert.hpp"

#include <gtest/gtest.h>

namespace {

TEST(assertion, what_holds_is_silent) {
  NARU_ASSERT(1 + 1 == 2, "numbers add up");
}

TEST(assertion, says_what_does_not_hold_and_ends_the_process) {
#ifdef NDEBUG
  bool was_evaluated = false;
  NARU_ASSERT([&] { return was_evaluated = true; }(), "a release does not look");
  EXPECT_FALSE(was_evaluated);
#else
  int apples = 3;
  EXPECT_DEATH(NARU_ASSERT(apples == 4, "four apples are needed"),
               "assert_test\\.cpp:.*four apples are needed \\(apples == 4 does not hold\\)");
#endif
}

}  // namespace
