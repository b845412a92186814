#include "protocol/peer_hash.hpp"

#include <cstdint>
#include <set>

#include <gtest/gtest.h>

namespace naru::protocol {
namespace {

constexpr hash_key key = {1, 2};

endpoint parse(const char* text) {
  return endpoint::parse(text).value();
}

TEST(peer_hash, is_the_same_for_the_same_endpoint_and_key) {
  EXPECT_EQ(peer_hash(key, parse("192.0.2.1:80")), peer_hash(key, parse("192.0.2.1:80")));
  EXPECT_EQ(peer_hash(key, parse("[2001:db8::1]:80")), peer_hash(key, parse("[2001:db8::1]:80")));
  EXPECT_EQ(peer_hash(key, parse("[::ffff:192.0.2.1]:80")), peer_hash(key, parse("192.0.2.1:80")))
      << "a mapped address is the one that it maps";
}

TEST(peer_hash, takes_every_part_of_an_endpoint_into_account) {
  const auto peers = {"192.0.2.1:80",     "192.0.2.1:81",         "192.0.2.1:20480",  "192.0.2.2:80",
                      "193.0.2.1:80",     "0.0.0.0:80",           "[::]:80",          "[2001:db8::1]:80",
                      "[2001:db8::1]:81", "[2001:db8:0:1::1]:80", "[2001:db8::2]:80", "[fe80::1]:80",
                      "[fe80::1%1]:80",   "[fe80::1%2]:80"};
  std::set<std::uint64_t> seen;
  for (const char* text : peers) EXPECT_TRUE(seen.insert(peer_hash(key, parse(text))).second) << text;
}

TEST(peer_hash, depends_on_the_key) {
  EXPECT_NE(peer_hash({1, 2}, parse("192.0.2.1:80")), peer_hash({1, 3}, parse("192.0.2.1:80")));
  EXPECT_NE(peer_hash({1, 2}, parse("192.0.2.1:80")), peer_hash({0, 2}, parse("192.0.2.1:80")));
}

TEST(address_of, is_the_ipv4_address_without_its_port) {
  EXPECT_EQ(address_of(parse("192.0.2.1:80")), parse("192.0.2.1:0"));
  EXPECT_NE(address_of(parse("192.0.2.1:80")), address_of(parse("192.0.2.2:80")));
}

TEST(address_of, is_the_ipv6_network_of_64_bits) {
  EXPECT_EQ(address_of(parse("[2001:db8:1:2:3:4:5:6]:80")), parse("[2001:db8:1:2::]:0"));
  EXPECT_EQ(address_of(parse("[2001:db8:1:2::1]:80")), address_of(parse("[2001:db8:1:2:ffff::]:9")));
  EXPECT_NE(address_of(parse("[2001:db8:1:2::1]:80")), address_of(parse("[2001:db8:1:3::1]:80")));
}

TEST(address_of, keeps_links_apart) {
  EXPECT_NE(address_of(parse("[fe80::1%1]:80")), address_of(parse("[fe80::1%2]:80")));
}

}  // namespace
}  // namespace naru::protocol
