#include "core/token_bucket.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace naru::core {
namespace {

using namespace std::chrono_literals;

constexpr token_bucket::time_point begin_time{1h};

int taken_at(token_bucket& bucket, token_bucket::time_point now, int tries = 1'000) {
  int taken = 0;
  for (int i = 0; i < tries; ++i) taken += bucket.try_take(now) ? 1 : 0;
  return taken;
}

TEST(TokenBucket, ZeroLetsAllThrough) {
  token_bucket bucket{0, begin_time};
  EXPECT_EQ(taken_at(bucket, begin_time), 1'000);
}

TEST(TokenBucket, LetsThoseOfOneSecondThroughAtOnceAndNoMore) {
  token_bucket bucket{10, begin_time};
  EXPECT_EQ(taken_at(bucket, begin_time), 10);
  EXPECT_EQ(taken_at(bucket, begin_time + 1h), 10) << "however long nobody came";
}

TEST(TokenBucket, FillsAtItsRate) {
  token_bucket bucket{10, begin_time};
  ASSERT_EQ(taken_at(bucket, begin_time), 10);
  EXPECT_EQ(taken_at(bucket, begin_time + 99ms), 0);
  EXPECT_EQ(taken_at(bucket, begin_time + 101ms), 1);
  EXPECT_EQ(taken_at(bucket, begin_time + 551ms), 4) << "the parts of one are not lost";
}

TEST(TokenBucket, OftenAskedItFillsAsFast) {
  token_bucket bucket{10, begin_time};
  ASSERT_EQ(taken_at(bucket, begin_time), 10);
  int taken = 0;
  for (auto passed = 1ms; passed <= 10s; passed += 1ms) taken += taken_at(bucket, begin_time + passed, 1);
  EXPECT_GE(taken, 99);
  EXPECT_LE(taken, 100);
}

TEST(TokenBucket, LessThanOneInASecondIsStillOne) {
  token_bucket bucket{0.25, begin_time};
  EXPECT_EQ(taken_at(bucket, begin_time), 1);
  EXPECT_EQ(taken_at(bucket, begin_time + 3'900ms), 0);
  EXPECT_EQ(taken_at(bucket, begin_time + 4'100ms), 1);
  EXPECT_EQ(taken_at(bucket, begin_time + 1h), 1);
}

}  // namespace
}  // namespace naru::core
