#include "core/token_bucket.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace naru::core {
namespace {

using namespace std::chrono_literals;

constexpr token_bucket::time_point start{1h};

int taken_at(token_bucket& bucket, token_bucket::time_point now, int tries = 1'000) {
  int taken = 0;
  for (int i = 0; i < tries; ++i) taken += bucket.try_take(now) ? 1 : 0;
  return taken;
}

TEST(TokenBucket, ZeroLetsAllThrough) {
  token_bucket bucket{0, start};
  EXPECT_EQ(taken_at(bucket, start), 1'000);
}

TEST(TokenBucket, LetsThoseOfOneSecondThroughAtOnceAndNoMore) {
  token_bucket bucket{10, start};
  EXPECT_EQ(taken_at(bucket, start), 10);
  EXPECT_EQ(taken_at(bucket, start + 1h), 10) << "however long nobody came";
}

TEST(TokenBucket, FillsAtItsRate) {
  token_bucket bucket{10, start};
  ASSERT_EQ(taken_at(bucket, start), 10);
  EXPECT_EQ(taken_at(bucket, start + 99ms), 0);
  EXPECT_EQ(taken_at(bucket, start + 101ms), 1);
  EXPECT_EQ(taken_at(bucket, start + 551ms), 4) << "the parts of one are not lost";
}

TEST(TokenBucket, OftenAskedItFillsAsFast) {
  token_bucket bucket{10, start};
  ASSERT_EQ(taken_at(bucket, start), 10);
  int taken = 0;
  for (auto passed = 1ms; passed <= 10s; passed += 1ms) taken += taken_at(bucket, start + passed, 1);
  EXPECT_GE(taken, 99);
  EXPECT_LE(taken, 100);
}

TEST(TokenBucket, LessThanOneInASecondIsStillOne) {
  token_bucket bucket{0.25, start};
  EXPECT_EQ(taken_at(bucket, start), 1);
  EXPECT_EQ(taken_at(bucket, start + 3'900ms), 0);
  EXPECT_EQ(taken_at(bucket, start + 4'100ms), 1);
  EXPECT_EQ(taken_at(bucket, start + 1h), 1);
}

}  // namespace
}  // namespace naru::core
