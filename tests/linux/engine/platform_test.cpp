#include <memory>
#include <system_error>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "engine/linux/descriptor.hpp"
#include "engine/select.hpp"
#include "linux/engine/child.hpp"
#include "linux/engine/peer.hpp"

namespace naru::test {
namespace {

class platform_test : public testing::Test {
 protected:
  [[nodiscard]] result<engine::bound_socket> bind(const endpoint& local, const bind_options& options = {}) {
    return platform_->bind_stream(local, options);
  }
  [[nodiscard]] std::error_code bind_error(const endpoint& local, const bind_options& options = {}) {
    const auto bound = bind(local, options);
    return bound ? std::error_code{} : bound.error();
  }
  [[nodiscard]] engine::bound_socket listen(const endpoint& local, const bind_options& options = {}) {
    auto bound = bind(local, options).value();
    EXPECT_FALSE(platform_->listen(bound.socket, 16));
    return bound;
  }
  static peer accept_one(const engine::bound_socket& listener) {
    const int socket = ::accept4(static_cast<int>(listener.socket.get()), nullptr, nullptr, SOCK_CLOEXEC);
    EXPECT_GE(socket, 0) << "a connection over loopback is there when connect returns";
    return peer{engine::descriptor{socket}};
  }
  static std::error_code connect_error(const endpoint& remote) {
    try {
      static_cast<void>(peer::connected_to(remote));
    } catch (const std::system_error& error) {
      return error.code();
    }
    return {};
  }

  std::shared_ptr<engine::platform> platform_ = engine::select_platform(engine_kind::automatic).value();
};

TEST_F(platform_test, the_process_is_ready_without_preparation) {  // R2.1
  EXPECT_FALSE(engine::process_start());
  engine::process_finish();
}

TEST_F(platform_test, the_clock_does_not_go_back) {
  const auto before = platform_->time().now();
  EXPECT_GE(platform_->time().now(), before);
}

TEST_F(platform_test, port_0_is_a_free_port_that_can_be_read) {  // R2.3
  const auto bound = bind(endpoint::loopback_ipv4(0)).value();
  EXPECT_NE(bound.local.port(), 0);
  EXPECT_EQ(bound.local, endpoint::loopback_ipv4(bound.local.port()));
}

TEST_F(platform_test, a_port_in_use_is_refused) {
  const auto first = listen(endpoint::loopback_ipv4(0));
  EXPECT_EQ(bind_error(first.local), std::errc::address_in_use);
}

TEST_F(platform_test, a_port_is_taken_from_bind_on) {  // not only when somebody listens
  const auto first = bind(endpoint::loopback_ipv4(0)).value();
  EXPECT_EQ(bind_error(first.local), std::errc::address_in_use);
  EXPECT_FALSE(platform_->listen(first.socket, 16));
}

TEST_F(platform_test, a_server_can_start_again_while_old_connections_linger) {
  auto first = listen(endpoint::loopback_ipv4(0));
  peer client = peer::connected_to(first.local);
  peer alive = peer::connected_to(first.local);
  // Closed first on the server's side, whose end then stays in TIME_WAIT; the other one is not closed at all.
  accept_one(first).close();
  EXPECT_EQ(client.receive_end(), 0);
  client.close();
  const peer kept = accept_one(first);
  first.socket = {};

  const auto again = bind(first.local);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(bind_error(first.local), std::errc::address_in_use) << "the new one has the port to itself";
  EXPECT_FALSE(platform_->listen(again->socket, 16));
  EXPECT_FALSE(connect_error(first.local));
}

TEST_F(platform_test, an_address_that_is_not_here_is_refused) {
  const endpoint documentation{endpoint::ipv4_bytes{192, 0, 2, 1}, 0};  // RFC 5737
  EXPECT_EQ(bind_error(documentation), std::errc::address_not_available);
}

TEST_F(platform_test, no_address_is_refused) {
  EXPECT_EQ(bind_error(endpoint{}), errc::invalid_endpoint);
}

TEST_F(platform_test, the_ipv6_wildcard_takes_ipv4_as_well) {
  const auto bound = listen(endpoint::any_ipv6(0));
  EXPECT_FALSE(connect_error(endpoint::loopback_ipv4(bound.local.port())));
  EXPECT_FALSE(connect_error(endpoint::loopback_ipv6(bound.local.port())));
}

TEST_F(platform_test, the_ipv6_wildcard_takes_ipv6_alone_when_told_so) {
  const auto bound = listen(endpoint::any_ipv6(0), {.ipv6_only = true});
  EXPECT_EQ(connect_error(endpoint::loopback_ipv4(bound.local.port())), std::errc::connection_refused);
  EXPECT_FALSE(connect_error(endpoint::loopback_ipv6(bound.local.port())));
  EXPECT_TRUE(bind(endpoint::any_ipv4(bound.local.port()))) << "the IPv4 port is free";
}

TEST_F(platform_test, without_ipv6_its_wildcard_is_that_of_ipv4) {
  EXPECT_TRUE(in_child([this] {
    ASSERT_TRUE(forbid_ipv6());
    const auto bound = listen(endpoint::any_ipv6(0));
    EXPECT_EQ(bound.local, endpoint::any_ipv4(bound.local.port()));
    EXPECT_FALSE(connect_error(endpoint::loopback_ipv4(bound.local.port())));
    EXPECT_EQ(bind_error(endpoint::any_ipv6(0), {.ipv6_only = true}),
              std::errc::address_family_not_supported);
    EXPECT_EQ(bind_error(endpoint::loopback_ipv6(0)), std::errc::address_family_not_supported);
  }));
}

}  // namespace
}  // namespace naru::test
