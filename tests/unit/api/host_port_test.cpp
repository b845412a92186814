#include <initializer_list>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <naru/endpoint.hpp>

namespace {

using naru::host_port;

void expect_refused(std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    const auto value = host_port::parse(text);
    ASSERT_FALSE(value.has_value()) << text;
    EXPECT_EQ(value.error(), naru::errc::invalid_endpoint) << text;
  }
}

TEST(host_port, is_split) {
  struct split {
    std::string_view text;
    std::string_view host;
    int port;
  };
  constexpr std::string_view umlaut =
      "b\xc3\xbc"
      "cher.example";
  for (const split& wanted :
       {split{"localhost:80", "localhost", 80}, split{"example.org:65535", "example.org", 65535},
        split{"example.org.:1", "example.org.", 1}, split{"1.2.3.4:7000", "1.2.3.4", 7000},
        split{"[::1]:7000", "::1", 7000}, split{"[fe80::1%2]:7000", "fe80::1%2", 7000},
        split{"[fe80::1%eth0]:7000", "fe80::1%eth0", 7000}, split{"my_host-2:7", "my_host-2", 7},
        split{"4you.2b:7", "4you.2b", 7},
        split{"b\xc3\xbc"
              "cher.example:7",
              umlaut, 7}}) {
    const auto value = host_port::parse(wanted.text);
    ASSERT_TRUE(value.has_value()) << wanted.text;
    EXPECT_EQ(value->host, wanted.host);
    EXPECT_EQ(value->port, wanted.port);
  }
}

TEST(host_port, refuses_what_has_another_shape) {
  expect_refused({"", ":", ":80", "localhost", "localhost:", "[]:80", "[::1]", "[::1]80", "[::1:80", "::1:80",
                  "::1]:80", "[localhost]:80", "[1.2.3.4]:80", "[::1%]:80", "[::1%a b]:80", "a:b:80"});
}

TEST(host_port, refuses_letters_that_no_host_has) {
  // A zero would cut the name short on its way to the system.
  expect_refused({"a b:80", " a:80", "a@b:80", "*:80", "a/b:80", "http://a:80",
                  std::string_view{"a\0b:80", 6}, "a\n:80", "a\x7f:80"});
}

// By a resolver these would be taken for addresses, in one of the short forms of inet_aton(3).
TEST(host_port, refuses_numbers_that_are_no_whole_address) {
  expect_refused({"1:80", "127.1:80", "1.2.3:80", "1.2.3.4.5:80", "256.1.1.1:80", "01.2.3.4:80",
                  "0x7f000001:80", "0x7f.0X1:80", "a.1:80", "1.2.3.4.:80", ".:80"});
}

TEST(host_port, refuses_ports_out_of_range) {
  expect_refused({"a:0", "a:65536", "a:-1", "a:+1", "a: 1", "a:1 ", "a:080", "a:0x50", "a:http",
                  "a:99999999999999999999"});
}

}  // namespace
