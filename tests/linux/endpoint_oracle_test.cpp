#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "base/ip_text.hpp"

// Addresses as text, against what the system's inet_pton(3) and inet_ntop(3) say.
namespace {

using naru::base::ipv4_bytes;
using naru::base::ipv6_bytes;

template <typename Bytes>
bool system_parses(int family, const std::string& text, Bytes& out) {
  return inet_pton(family, text.c_str(), out.data()) == 1;
}

template <typename Bytes>
std::string system_formats(int family, const Bytes& address) {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  return inet_ntop(family, address.data(), text.data(), text.size());
}

class endpoint_oracle : public testing::Test {
 protected:
  std::size_t pick(std::size_t below) { return random_() % below; }

  ipv6_bytes random_address() {
    ipv6_bytes address = {};
    const std::size_t zeros_in_eight = pick(9);
    for (std::size_t i = 0; i < address.size(); i += 2) {
      if (pick(8) < zeros_in_eight) continue;
      address[i] = pick(2) == 0 ? static_cast<std::uint8_t>(random_()) : std::uint8_t{0};
      address[i + 1] = static_cast<std::uint8_t>(random_());
    }
    return address;
  }

  /// An address, or something near one.
  std::string random_text() {
    static constexpr std::array pieces = {":",  "::",  ".",   "0",    "00",    "1", "f",
                                          "ff", "255", "256", "abcd", "12345", "g"};
    std::string text;
    if (pick(3) == 0) {
      for (std::size_t left = pick(18); left > 0; --left) text += pieces[pick(pieces.size())];
      return text;
    }
    const ipv6_bytes address = random_address();
    text = pick(4) == 0 ? naru::base::format_ipv4({address[0], address[1], address[2], address[3]})
                        : system_formats(AF_INET6, address);
    for (std::size_t left = pick(4); left > 0; --left) {
      const std::size_t at = pick(text.size() + 1);
      if (pick(2) == 0) {
        text.insert(at, pieces[pick(pieces.size())]);
      } else {
        text.erase(at, 1 + pick(3));
      }
    }
    return text;
  }

  std::mt19937_64 random_{19760704};
};

TEST_F(endpoint_oracle, parses_the_same_texts_to_the_same_ipv6_addresses) {
  int accepted = 0;
  for (int i = 0; i < 300'000; ++i) {
    const std::string text = random_text();
    ipv6_bytes expected = {};
    const bool expected_ok = system_parses(AF_INET6, text, expected);
    const auto address = naru::base::parse_ipv6(text);
    ASSERT_EQ(address.has_value(), expected_ok) << text;
    if (!expected_ok) continue;
    ASSERT_EQ(*address, expected) << text;
    ++accepted;
  }
  EXPECT_GT(accepted, 30'000);
}

TEST_F(endpoint_oracle, parses_the_same_texts_to_the_same_ipv4_addresses) {
  int accepted = 0;
  for (int i = 0; i < 300'000; ++i) {
    const std::string text = random_text();
    ipv4_bytes expected = {};
    const bool expected_ok = system_parses(AF_INET, text, expected);
    const auto address = naru::base::parse_ipv4(text);
    ASSERT_EQ(address.has_value(), expected_ok) << text;
    if (!expected_ok) continue;
    ASSERT_EQ(*address, expected) << text;
    ++accepted;
  }
  EXPECT_GT(accepted, 10'000);
}

TEST_F(endpoint_oracle, formats_the_same) {
  for (int i = 0; i < 100'000; ++i) {
    const ipv6_bytes address = random_address();
    const std::string text = naru::base::format_ipv6(address);
    ipv6_bytes back = {};
    ASSERT_TRUE(system_parses(AF_INET6, text, back)) << text;
    ASSERT_EQ(back, address) << text;
    // glibc still writes the IPv4-compatible addresses, which RFC 4291 took back, with dots.
    const bool upper_is_zero =
        std::all_of(address.begin(), address.begin() + 10, [](auto byte) { return byte == 0; });
    if (!upper_is_zero) {
      ASSERT_EQ(text, system_formats(AF_INET6, address));
    }
    const ipv4_bytes four = {address[0], address[1], address[2], address[3]};
    ASSERT_EQ(naru::base::format_ipv4(four), system_formats(AF_INET, four));
  }
}

}  // namespace
