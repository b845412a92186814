#include "base/ip_text.hpp"

#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace {

using naru::base::ipv4_bytes;
using naru::base::ipv6_bytes;
using naru::base::parse_decimal;
using naru::base::parse_ipv4;
using naru::base::parse_ipv6;

TEST(parse_decimal, takes_whole_numbers_up_to_the_largest) {
  EXPECT_EQ(parse_decimal("0", 9), 0U);
  EXPECT_EQ(parse_decimal("9", 9), 9U);
  EXPECT_EQ(parse_decimal("10", 9), std::nullopt);
  EXPECT_EQ(parse_decimal("4294967295", 0xffff'ffff), 0xffff'ffffU);
  EXPECT_EQ(parse_decimal("4294967296", 0xffff'ffff), std::nullopt);
  EXPECT_EQ(parse_decimal("99999999999999999999999", 0xffff'ffff), std::nullopt);
}

TEST(parse_decimal, refuses_all_else) {
  for (const std::string_view text :
       {"", " 1", "1 ", "+1", "-1", "01", "00", "0x1", "1a", "1.0", "\xd9\xa1"}) {
    EXPECT_EQ(parse_decimal(text, 1000), std::nullopt) << text;
  }
}

TEST(parse_ipv4, takes_four_numbers) {
  EXPECT_EQ(parse_ipv4("0.0.0.0"), (ipv4_bytes{0, 0, 0, 0}));
  EXPECT_EQ(parse_ipv4("1.20.255.7"), (ipv4_bytes{1, 20, 255, 7}));
}

TEST(parse_ipv4, refuses_all_else) {
  for (const std::string_view text :
       {"",          ".",        "...",      "1",         "1.2",       "1.2.3",    "1.2.3.",
        ".1.2.3",    "1..2.3",   "1.2.3.4.", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.00",
        "0x1.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4",  "1,2,3,4",   "a.b.c.d",  "::1"}) {
    EXPECT_EQ(parse_ipv4(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_ipv4(std::string_view{"1.2.3.4\0", 8}), std::nullopt);
}

// The examples of RFC 4291, 2.2 and RFC 5952, 1 to 5, and the edges.
TEST(ipv6_text, is_read_and_written_in_the_canonical_form) {
  struct form {
    std::string_view text;
    std::string_view canonical;
  };
  for (const form& wanted :
       {form{"::", "::"}, form{"::1", "::1"}, form{"1::", "1::"}, form{"0:0:0:0:0:0:0:0", "::"},
        form{"FF01:0:0:0:0:0:0:101", "ff01::101"},
        form{"2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"},
        form{"ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"},
        form{"2001:db8::0001:0000", "2001:db8::1:0"}, form{"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        form{"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"}, form{"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        form{"0:1:1:1:1:1:1:1", "0:1:1:1:1:1:1:1"}, form{"0:0:1:1:1:1:1:1", "::1:1:1:1:1:1"},
        form{"1:1:1:1:1:1:0:0", "1:1:1:1:1:1::"}, form{"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        form{"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"}, form{"::13.1.68.3", "::d01:4403"},
        form{"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        form{"1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:708:90a"}}) {
    const auto address = parse_ipv6(wanted.text);
    ASSERT_TRUE(address.has_value()) << wanted.text;
    EXPECT_EQ(naru::base::format_ipv6(*address), wanted.canonical);
    EXPECT_EQ(parse_ipv6(wanted.canonical), address) << wanted.canonical;
  }
}

TEST(parse_ipv6, refuses_all_else) {
  for (const std::string_view text : {"",
                                      ":",
                                      ":::",
                                      "1",
                                      "1:",
                                      ":1",
                                      "1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:",
                                      ":1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:8:9",
                                      "1:2:3:4:5:6:7:8::",
                                      "::1:2:3:4:5:6:7:8",
                                      "1::2::3",
                                      "1:::2",
                                      "12345::",
                                      "0001f::",
                                      "g::",
                                      "-1::",
                                      "+1::",
                                      "0x1::",
                                      " ::",
                                      ":: ",
                                      "[::]",
                                      "::1%1",
                                      "1.2.3.4",
                                      "1.2.3.4::",
                                      "::1.2.3.4:5",
                                      "::1.2.3",
                                      "::1.2.3.256",
                                      "::01.2.3.4",
                                      "1:2:3:4:5:6:7:1.2.3.4",
                                      "1:2:3:4:5:1.2.3.4",
                                      "1.2.3.4:1:2:3:4:5:6"}) {
    EXPECT_EQ(parse_ipv6(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_ipv6(std::string_view{"::1\0", 4}), std::nullopt);
}

}  // namespace
