#include <array>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

#include <gtest/gtest.h>

#include <naru/endpoint.hpp>

namespace {

using naru::address_family;
using naru::endpoint;

endpoint parsed(std::string_view text) {
  const auto value = endpoint::parse(text);
  EXPECT_TRUE(value.has_value()) << text;
  return value.value_or(endpoint{});
}

TEST(endpoint, is_no_address_at_first) {
  constexpr endpoint none;
  EXPECT_EQ(none.family(), address_family::none);
  EXPECT_FALSE(none.is_wildcard());
  EXPECT_EQ(none.to_string(), "-");
  EXPECT_EQ(none.address_text(), "-");
}

TEST(endpoint, parses_ipv4) {
  const endpoint value = parsed("127.0.0.1:80");
  EXPECT_EQ(value.family(), address_family::ipv4);
  EXPECT_EQ(value, endpoint::loopback_ipv4(80));
  EXPECT_EQ(value.to_string(), "127.0.0.1:80");
  EXPECT_EQ(value.address_text(), "127.0.0.1");
}

TEST(endpoint, parses_ipv6) {
  const endpoint value = parsed("[::1]:65535");
  EXPECT_EQ(value.family(), address_family::ipv6);
  EXPECT_EQ(value, endpoint::loopback_ipv6(65535));
  EXPECT_EQ(value.to_string(), "[::1]:65535");
  EXPECT_EQ(value.address_text(), "::1");
}

TEST(endpoint, parses_a_scope) {
  const endpoint value = parsed("[fe80::1%2]:80");
  EXPECT_EQ(value.scope_id(), 2U);
  EXPECT_EQ(value.to_string(), "[fe80::1%2]:80");
  EXPECT_NE(value, parsed("[fe80::1]:80"));
  EXPECT_EQ(parsed("[fe80::1%0]:80"), parsed("[fe80::1]:80"));
  EXPECT_EQ(parsed("[fe80::1%4294967295]:80").scope_id(), 4294967295U);
}

TEST(endpoint, an_empty_host_and_a_star_are_the_ipv6_wildcard) {
  EXPECT_EQ(parsed(":7000"), endpoint::any_ipv6(7000));
  EXPECT_EQ(parsed("*:7000"), endpoint::any_ipv6(7000));
  EXPECT_EQ(parsed(":0").port(), 0);
  EXPECT_EQ(parsed(":7000").to_string(), "[::]:7000");
}

TEST(endpoint, knows_wildcards) {
  EXPECT_TRUE(parsed(":1").is_wildcard());
  EXPECT_TRUE(parsed("0.0.0.0:1").is_wildcard());
  EXPECT_FALSE(parsed("0.0.0.1:1").is_wildcard());
  EXPECT_FALSE(parsed("[::1]:1").is_wildcard());
}

TEST(endpoint, refuses_all_else) {
  for (const std::string_view text : {"",
                                      ":",
                                      "80",
                                      "127.0.0.1",
                                      "127.0.0.1:",
                                      "127.0.0.1:65536",
                                      "127.0.0.1:-1",
                                      "127.0.0.1:+1",
                                      "127.0.0.1: 80",
                                      "127.0.0.1 :80",
                                      " 127.0.0.1:80",
                                      "127.0.0.1:80 ",
                                      "127.0.0.1:080",
                                      "127.0.0.1:0x50",
                                      "127.0.0.1:80:80",
                                      "127.1:80",
                                      "127.0.0.01:80",
                                      "::1:80",
                                      "::1",
                                      "[::1]",
                                      "[::1]80",
                                      "[::1]:",
                                      "[::1:80",
                                      "::1]:80",
                                      "[]:80",
                                      "[127.0.0.1]:80",
                                      "[::1]]:80",
                                      "[[::1]:80",
                                      "[*]:80",
                                      "**:80",
                                      "[fe80::1%]:80",
                                      "[fe80::1%eth0]:80",
                                      "[fe80::1%-1]:80",
                                      "[fe80::1%4294967296]:80",
                                      "[fe80::1%1%1]:80",
                                      "[%1]:80",
                                      "localhost:80"}) {
    const auto value = endpoint::parse(text);
    ASSERT_FALSE(value.has_value()) << text;
    EXPECT_EQ(value.error(), naru::errc::invalid_endpoint) << text;
  }
}

// However the listening socket was bound, a peer compares equal.
TEST(endpoint, a_mapped_address_is_the_ipv4_address) {
  const endpoint::ipv6_bytes mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3};
  const endpoint value{mapped, 80, 7};
  EXPECT_EQ(value.family(), address_family::ipv4);
  EXPECT_EQ(value, parsed("10.1.2.3:80"));
  EXPECT_EQ(value, parsed("[::ffff:10.1.2.3]:80"));
  EXPECT_EQ(value, parsed("[::ffff:a01:203%7]:80"));
  EXPECT_EQ(value.scope_id(), 0U);
  for (std::size_t i = 4; i < value.address().size(); ++i) EXPECT_EQ(value.address()[i], 0);
  endpoint::ipv6_bytes other = mapped;
  other[9] = 1;
  EXPECT_EQ(endpoint(other, 80).family(), address_family::ipv6);
}

TEST(endpoint, with_port_changes_nothing_else) {
  const endpoint value = parsed("[fe80::1%2]:80");
  EXPECT_EQ(value.with_port(81), parsed("[fe80::1%2]:81"));
  EXPECT_EQ(value.with_port(80), value);
}

TEST(endpoint, order_and_equality_take_every_part) {
  const std::set<endpoint> values = {
      parsed("10.0.0.1:80"),    parsed("10.0.0.1:81"),   parsed("10.0.0.2:80"),
      parsed("[a00:1::]:80"),   parsed("[fe80::1]:80"),  parsed("[fe80::1%1]:80"),
      parsed("[fe80::1%2]:80"), parsed("[fe80::1%2]:1"), endpoint{}};
  EXPECT_EQ(values.size(), 9U);
  EXPECT_TRUE(values.contains(parsed("[fe80:0::1%2]:1")));
}

TEST(endpoint, hash_is_the_same_for_equals_and_spreads_the_rest) {
  const std::hash<endpoint> hash;
  EXPECT_EQ(hash(parsed("[::ffff:10.1.2.3]:80")), hash(parsed("10.1.2.3:80")));
  EXPECT_NE(hash(parsed("[fe80::1%2]:80")), hash(parsed("[fe80::1%3]:80")));
  // One host's ports, and one port's neighbours: the lowest bits alone must tell them apart.
  constexpr std::size_t buckets = 1024;
  for (const bool by_port : {true, false}) {
    std::unordered_set<std::size_t> used;
    for (std::uint16_t i = 0; i < buckets; ++i) {
      const auto high = static_cast<std::uint8_t>(i >> 8), low = static_cast<std::uint8_t>(i & 0xff);
      const endpoint value =
          by_port ? endpoint::loopback_ipv4(i) : endpoint{endpoint::ipv4_bytes{10, 0, high, low}, 80};
      used.insert(hash(value) % buckets);
    }
    EXPECT_GT(used.size(), buckets / 2) << "random values fill 63 %";
  }
}

TEST(endpoint, what_is_written_parses_back_to_an_equal) {
  std::mt19937 random{20240607};
  for (int i = 0; i < 20'000; ++i) {
    endpoint::ipv6_bytes bytes = {};
    // Many zeros, so that there is something to shorten.
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random() % 3 == 0 ? random() : 0);
    const auto port = static_cast<std::uint16_t>(random());
    const endpoint six{bytes, port, random() % 4 == 0 ? static_cast<std::uint32_t>(random()) : 0};
    const endpoint four{endpoint::ipv4_bytes{bytes[0], bytes[1], bytes[2], bytes[3]}, port};
    ASSERT_EQ(parsed(six.to_string()), six) << six.to_string();
    ASSERT_EQ(parsed(four.to_string()), four) << four.to_string();
  }
}

}  // namespace
