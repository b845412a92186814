#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>

#include "engine/select.hpp"
#include "linux/engine/child.hpp"

namespace naru::test {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;

class resolve_test : public testing::Test {
 protected:
  [[nodiscard]] result<std::vector<endpoint>> resolve(const std::string& host) {
    return platform_->resolve(host, 7);
  }

  std::shared_ptr<engine::platform> platform_ = engine::select_platform(engine_kind::automatic).value();
};

TEST_F(resolve_test, numbers_are_addresses) {
  EXPECT_THAT(resolve("127.0.0.1").value(), ElementsAre(endpoint::loopback_ipv4(7)));
  EXPECT_THAT(resolve("::1").value(), ElementsAre(endpoint::loopback_ipv6(7)));
  EXPECT_THAT(resolve("::ffff:127.0.0.1").value(), ElementsAre(endpoint::loopback_ipv4(7)));
}

TEST_F(resolve_test, a_scope_may_be_the_name_of_an_interface) {
  const endpoint::ipv6_bytes link_local = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  const endpoint expected{link_local, 7, ::if_nametoindex("lo")};
  EXPECT_THAT(resolve("fe80::1%lo").value(), ElementsAre(expected));
}

TEST_F(resolve_test, localhost_is_loopback_and_each_address_comes_once) {
  const auto found = resolve("localhost").value();
  EXPECT_THAT(found, Each(AnyOf(endpoint::loopback_ipv4(7), endpoint::loopback_ipv6(7))));
  EXPECT_THAT(found, Contains(endpoint::loopback_ipv4(7)));
  for (const endpoint& each : found) EXPECT_EQ(std::count(found.begin(), found.end(), each), 1);
}

TEST_F(resolve_test, a_machine_with_nothing_but_loopback_knows_its_own_names) {
  if (!can_leave_network()) GTEST_SKIP() << "a network namespace cannot be made here";
  EXPECT_TRUE(in_child([this] {
    ASSERT_TRUE(leave_network());
    EXPECT_THAT(resolve("localhost").value(), Contains(endpoint::loopback_ipv4(7)));
    EXPECT_THAT(resolve("127.0.0.1").value(), ElementsAre(endpoint::loopback_ipv4(7)));
    EXPECT_THAT(resolve("::1").value(), ElementsAre(endpoint::loopback_ipv6(7)));
    // ".invalid" is never known (RFC 2606); here no server can be asked, which is told alike.
    EXPECT_EQ(resolve("nobody.invalid").error(), errc::name_not_found);
  }));
}

TEST_F(resolve_test, a_machine_with_ipv4_alone_still_has_the_ipv6_loopback) {
  if (!can_leave_network()) GTEST_SKIP() << "a network namespace cannot be made here";
  EXPECT_TRUE(in_child([this] {
    ASSERT_TRUE(leave_network());
    ASSERT_TRUE(add_loopback_address(endpoint{endpoint::ipv4_bytes{10, 0, 0, 1}, 0}));
    EXPECT_THAT(resolve("::1").value(), ElementsAre(endpoint::loopback_ipv6(7)));
  }));
}

TEST_F(resolve_test, what_is_no_name_is_not_found) {
  EXPECT_EQ(resolve("").error(), errc::name_not_found);
  EXPECT_EQ(resolve("two words").error(), errc::name_not_found);
  EXPECT_EQ(resolve(std::string(300, 'a')).error(), errc::name_not_found);
  EXPECT_EQ(resolve(std::string("127.0.0.1\0.example.org", 22)).error(), errc::name_not_found)
      << "a zero byte must not cut the name to another one";
}

}  // namespace
}  // namespace naru::test
