#include "engine/simulated/kernel.hpp"

#include <memory>
#include <string_view>
#include <system_error>

#include <gtest/gtest.h>

namespace naru::engine::simulated {
namespace {

class kernel_test : public testing::Test {
 protected:
  static endpoint at(std::string_view text) { return endpoint::parse(text).value(); }

  result<std::shared_ptr<port>> bind(std::string_view text, const bind_options& options = {}) {
    const base::mutex_lock lock{system_.mutex};
    return system_.bind(at(text), options, 10);
  }
  std::error_code bind_error(std::string_view text, const bind_options& options = {}) {
    const auto bound = bind(text, options);
    return bound ? std::error_code{} : bound.error();
  }
  std::shared_ptr<port> listen(std::string_view text, unsigned accept_queue_max = 4) {
    auto bound = bind(text).value();
    const base::mutex_lock lock{system_.mutex};
    system_.listen(*bound, accept_queue_max);
    return bound;
  }
  result<std::shared_ptr<link>> connect(std::string_view text) {
    const base::mutex_lock lock{system_.mutex};
    return system_.connect(at(text), 10);
  }
  std::error_code connect_error(std::string_view text) {
    const auto made = connect(text);
    return made ? std::error_code{} : made.error();
  }

  kernel system_;
};

TEST_F(kernel_test, port_zero_is_a_free_one) {
  const auto first = bind("127.0.0.1:0").value();
  const auto second = bind("127.0.0.1:0").value();
  EXPECT_NE(first->local.port(), 0);
  EXPECT_NE(first->local.port(), second->local.port());
}

TEST_F(kernel_test, what_is_bound_conflicts_with_the_same_and_with_wildcards) {
  EXPECT_FALSE(bind_error("127.0.0.1:80"));
  EXPECT_EQ(bind_error("127.0.0.1:80"), std::errc::address_in_use);
  EXPECT_EQ(bind_error("0.0.0.0:80"), std::errc::address_in_use);
  EXPECT_EQ(bind_error("[::]:80"), std::errc::address_in_use);
  EXPECT_FALSE(bind_error("127.0.0.2:80"));
  EXPECT_FALSE(bind_error("[::1]:80"));
  EXPECT_FALSE(bind_error("[::]:81", {.ipv6_only = true}));
  EXPECT_FALSE(bind_error("0.0.0.0:81"));
}

TEST_F(kernel_test, only_addresses_of_this_host_can_be_bound) {
  for (const std::string_view foreign : {"192.0.2.1:80", "10.0.0.1:80", "[2001:db8::1]:80", "[fe80::1]:80"}) {
    EXPECT_EQ(bind_error(foreign), std::errc::address_not_available) << foreign;
  }
}

TEST_F(kernel_test, a_released_port_is_free_and_resets_who_waited) {
  const auto bound = listen("127.0.0.1:80");
  const auto waiting = connect("127.0.0.1:80").value();
  {
    const base::mutex_lock lock{system_.mutex};
    system_.release(bound);
  }
  EXPECT_TRUE(waiting->is_reset(side::client));
  EXPECT_EQ(connect_error("127.0.0.1:80"), std::errc::connection_refused);
  EXPECT_FALSE(bind_error("127.0.0.1:80"));
}

TEST_F(kernel_test, a_connect_finds_the_listener_that_fits_best) {
  const auto wildcard = listen("[::]:80");
  EXPECT_TRUE(connect("127.0.0.1:80").value());
  EXPECT_TRUE(connect("[::1]:80").value());
  EXPECT_EQ(wildcard->accept_queue.size(), 2U);
  EXPECT_EQ(connect_error("127.0.0.1:81"), std::errc::connection_refused);
}

TEST_F(kernel_test, a_port_that_does_not_listen_refuses) {
  const auto bound = bind("127.0.0.1:80").value();
  EXPECT_EQ(connect_error("127.0.0.1:80"), std::errc::connection_refused);
}

TEST_F(kernel_test, a_wildcard_is_reached_by_the_loopback_address) {
  const auto listener = listen("127.0.0.1:80");
  const auto made = connect("0.0.0.0:80").value();
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(made->address(side::server), at("127.0.0.1:80"));
  EXPECT_EQ(made->address(side::client).address_text(), "127.0.0.1");
}

TEST_F(kernel_test, a_full_accept_queue_makes_peers_wait) {
  const auto listener = listen("127.0.0.1:80", 2);
  EXPECT_NE(connect("127.0.0.1:80").value(), nullptr);
  EXPECT_NE(connect("127.0.0.1:80").value(), nullptr);
  EXPECT_EQ(connect("127.0.0.1:80").value(), nullptr);
  {
    const base::mutex_lock lock{system_.mutex};
    EXPECT_NE(system_.accept(*listener), nullptr);
  }
  EXPECT_NE(connect("127.0.0.1:80").value(), nullptr);
}

TEST_F(kernel_test, some_addresses_never_answer_and_others_are_unreachable) {
  EXPECT_EQ(connect("192.0.2.7:80").value(), nullptr);
  EXPECT_EQ(connect("[2001:db8::7]:80").value(), nullptr);
  EXPECT_EQ(connect_error("10.1.2.3:80"), std::errc::network_unreachable);
  EXPECT_EQ(connect_error("[fe80::1]:80"), std::errc::network_unreachable);
}

}  // namespace
}  // namespace naru::engine::simulated
