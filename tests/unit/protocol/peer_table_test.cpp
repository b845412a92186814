#include "protocol/peer_table.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "counted_memory.hpp"
#include "protocol/peer_hash.hpp"

namespace naru::protocol {
namespace {

struct member final : table_member<member> {
  member(std::uint64_t hash, const endpoint& of) : table_member{hash}, peer{of} {}
  [[nodiscard]] endpoint peer_address() const noexcept { return peer; }
  endpoint peer;
};

using table = peer_table<member>;

endpoint peer_number(std::uint32_t number) {
  return {endpoint::ipv4_bytes{10, static_cast<std::uint8_t>(number >> 16),
                               static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)},
          static_cast<std::uint16_t>(1 + number % 7)};
}

std::uint64_t hash_of(const endpoint& peer) {
  return peer_hash({3, 4}, peer);
}

TEST(peer_table, finds_what_was_inserted_and_nothing_else) {
  table peers;
  member one{hash_of(peer_number(1)), peer_number(1)};
  EXPECT_EQ(peers.find(one.hash(), one.peer), nullptr) << "an empty table is asked too";
  EXPECT_EQ(peers.size(), 0U);
  ASSERT_TRUE(peers.insert(one));
  EXPECT_EQ(peers.size(), 1U);
  EXPECT_EQ(peers.find(one.hash(), one.peer), &one);
  EXPECT_EQ(peers.find(hash_of(peer_number(2)), peer_number(2)), nullptr);
  peers.erase(one);
  EXPECT_EQ(peers.size(), 0U);
  EXPECT_EQ(peers.find(one.hash(), one.peer), nullptr);
  EXPECT_TRUE(peers.insert(one)) << "it may come back";
  EXPECT_EQ(peers.find(one.hash(), one.peer), &one);
}

TEST(peer_table, tells_members_with_equal_hashes_apart) {
  table peers;
  std::deque<member> members;
  for (std::uint32_t i = 0; i < 100; ++i) ASSERT_TRUE(peers.insert(members.emplace_back(7, peer_number(i))));
  for (member& each : members) EXPECT_EQ(peers.find(7, each.peer), &each);
  EXPECT_EQ(peers.find(7, peer_number(100)), nullptr);
  EXPECT_EQ(peers.find(8, members.front().peer), nullptr) << "the hash belongs to the key";
  for (const std::size_t place : {std::size_t{0}, std::size_t{50}, std::size_t{99}}) {
    peers.erase(members[place]);
    EXPECT_EQ(peers.find(7, members[place].peer), nullptr);
  }
  EXPECT_EQ(peers.size(), 97U);
  EXPECT_EQ(peers.find(7, members[1].peer), &members[1]);
  EXPECT_EQ(peers.find(7, members[98].peer), &members[98]);
}

TEST(peer_table, holds_a_hundred_thousand) {
  table peers;
  std::deque<member> members;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    const endpoint peer = peer_number(i);
    ASSERT_TRUE(peers.insert(members.emplace_back(hash_of(peer), peer)));
  }
  EXPECT_EQ(peers.size(), 100'000U);
  for (member& each : members) ASSERT_EQ(peers.find(each.hash(), each.peer), &each);
  for (std::size_t i = 0; i < members.size(); i += 2) peers.erase(members[i]);
  EXPECT_EQ(peers.size(), 50'000U);
  for (std::size_t i = 0; i < members.size(); ++i) {
    ASSERT_EQ(peers.find(members[i].hash(), members[i].peer), i % 2 == 0 ? nullptr : &members[i]);
  }
}

TEST(peer_table, does_what_a_plain_list_would) {
  std::mt19937 chance{5};  // NOLINT(cert-msc51-cpp): the same run each time
  table peers;
  std::deque<member> all;
  // Few hashes, so that buckets are long and are taken apart when the table grows.
  for (std::uint32_t i = 0; i < 300; ++i) all.emplace_back(i % 23, peer_number(i));
  std::vector<bool> inside(all.size());
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t place = chance() % all.size();
    member& one = all[place];
    ASSERT_EQ(peers.find(one.hash(), one.peer), inside[place] ? &one : nullptr);
    if (inside[place]) {
      peers.erase(one);
    } else {
      ASSERT_TRUE(peers.insert(one));
    }
    inside[place] = !inside[place];
    ASSERT_EQ(peers.size(), static_cast<std::size_t>(std::ranges::count(inside, true)));
  }
}

TEST(peer_table, without_memory_for_a_first_bucket_it_refuses) {
  table peers;
  member one{1, peer_number(1)};
  {
    const test::counted_memory memory{0};
    EXPECT_FALSE(peers.insert(one));
  }
  EXPECT_EQ(peers.size(), 0U);
  EXPECT_EQ(peers.find(one.hash(), one.peer), nullptr);
  EXPECT_TRUE(peers.insert(one));
}

TEST(peer_table, without_memory_to_grow_it_is_only_slower) {
  table peers;
  std::deque<member> members;
  for (std::uint32_t i = 0; i < 100; ++i) members.emplace_back(i, peer_number(i));
  ASSERT_TRUE(peers.insert(members[0]));
  {
    const test::counted_memory memory{0};
    for (std::size_t i = 1; i < members.size(); ++i) EXPECT_TRUE(peers.insert(members[i]));
  }
  EXPECT_EQ(peers.size(), 100U);
  for (member& each : members) EXPECT_EQ(peers.find(each.hash(), each.peer), &each);
}

}  // namespace
}  // namespace naru::protocol
