#include "core/ignored_peers.hpp"

#include <chrono>
#include <cstdint>

#include <gtest/gtest.h>

namespace naru::core {
namespace {

using namespace std::chrono_literals;

constexpr ignored_peers::time_point start{1h};

endpoint peer_number(std::size_t number) {
  return {endpoint::ipv4_bytes{10, 0, static_cast<std::uint8_t>(number >> 24),
                               static_cast<std::uint8_t>(number >> 16)},
          static_cast<std::uint16_t>(number)};
}

TEST(IgnoredPeers, IgnoresUntilTheMomentAndNotAtIt) {
  ignored_peers ignored;
  EXPECT_FALSE(ignored.contains(1, peer_number(1), start));
  ignored.add(1, peer_number(1), start + 10s);
  EXPECT_TRUE(ignored.contains(1, peer_number(1), start));
  EXPECT_TRUE(ignored.contains(1, peer_number(1), start + 10s - 1ns));
  EXPECT_FALSE(ignored.contains(2, peer_number(2), start)) << "somebody else";
  EXPECT_FALSE(ignored.contains(1, peer_number(1), start + 10s));
  EXPECT_FALSE(ignored.contains(1, peer_number(1), start)) << "forgotten since";
}

TEST(IgnoredPeers, TheLongerOfTwoTimesCounts) {
  ignored_peers ignored;
  ignored.add(1, peer_number(1), start + 10s);
  ignored.add(1, peer_number(1), start + 5s);
  EXPECT_TRUE(ignored.contains(1, peer_number(1), start + 9s));
  ignored.add(1, peer_number(1), start + 20s);
  EXPECT_TRUE(ignored.contains(1, peer_number(1), start + 19s));
  EXPECT_FALSE(ignored.contains(1, peer_number(1), start + 20s));
}

TEST(IgnoredPeers, PastItsBoundTheFirstOneIsLetInAgain) {
  ignored_peers ignored;
  for (std::size_t i = 0; i < ignored_peers::count_max; ++i) ignored.add(i, peer_number(i), start + 1h);
  EXPECT_TRUE(ignored.contains(0, peer_number(0), start));
  ignored.add(1, peer_number(1), start + 2h);  // known: it takes no place
  EXPECT_TRUE(ignored.contains(0, peer_number(0), start));
  ignored.add(ignored_peers::count_max, peer_number(ignored_peers::count_max), start + 1h);
  EXPECT_FALSE(ignored.contains(0, peer_number(0), start));
  EXPECT_TRUE(ignored.contains(1, peer_number(1), start));
  EXPECT_TRUE(ignored.contains(ignored_peers::count_max, peer_number(ignored_peers::count_max), start));
}

}  // namespace
}  // namespace naru::core
