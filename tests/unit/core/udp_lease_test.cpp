#include "core/udp_lease.hpp"

#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace naru::core {
namespace {

/// A lease for so many workers, none of which it ever calls.
class lease_of {
 public:
  explicit lease_of(std::size_t workers)
      : lease_{{.key = {1, 2}},
               std::make_shared<const profile>(udp, connection_options{}, std::make_shared<const handlers>()),
               std::vector<worker*>(workers)} {}
  udp_lease* operator->() noexcept { return &lease_; }

 private:
  udp_lease lease_;
};

TEST(UdpLease, SpreadsHashesEvenlyAndAlwaysToTheSameWorker) {
  for (const std::size_t workers : {1UL, 2UL, 3UL, 7UL}) {
    lease_of lease{workers};
    std::vector<std::size_t> counts(workers);
    std::mt19937_64 chance{9};  // NOLINT(cert-msc51-cpp): the same run each time
    for (int i = 0; i < 10'000; ++i) {
      const std::uint64_t hash = chance();
      const std::size_t index = lease->index_for(hash);
      ASSERT_LT(index, workers);
      EXPECT_EQ(lease->index_for(hash), index);
      ++counts[index];
    }
    for (const std::size_t count : counts)
      EXPECT_NEAR(static_cast<double>(count), 10'000.0 / static_cast<double>(workers), 300);
    EXPECT_EQ(lease->index_for(~std::uint64_t{0}), workers - 1);
  }
}

TEST(UdpLease, AShareIsNeverNothing) {
  lease_of lease{3};
  EXPECT_EQ(lease->share_of(10), 3U);
  EXPECT_EQ(lease->share_of(3), 1U);
  EXPECT_EQ(lease->share_of(1), 1U);
}

TEST(UdpLease, WhatIsOnItsWayToAWorkerHasABound) {
  lease_of lease{2};
  EXPECT_TRUE(lease->try_hand_over(1, udp_lease::hand_over_bytes_max));
  EXPECT_FALSE(lease->try_hand_over(1, 1));
  EXPECT_TRUE(lease->try_hand_over(0, 1)) << "each worker has its own";
  lease->handed_over(1, 100);
  EXPECT_FALSE(lease->try_hand_over(1, 101));
  EXPECT_TRUE(lease->try_hand_over(1, 100));
}

TEST(UdpLease, EndsWithTheLastOfItsWorkers) {
  lease_of lease{3};
  EXPECT_FALSE(lease->is_closed());
  lease->close();
  EXPECT_TRUE(lease->is_closed());
  EXPECT_FALSE(lease->end_one());
  EXPECT_FALSE(lease->end_one());
  EXPECT_TRUE(lease->end_one());
}

TEST(UdpLease, IsThereForADrainUntilItIsGone) {
  lease_of lease{1};
  EXPECT_FALSE(lease->gate()->present().is_empty());
  lease->is_gone();
  EXPECT_TRUE(lease->gate()->present().is_empty());
}

}  // namespace
}  // namespace naru::core
