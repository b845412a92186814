#include "engine/simulated/datagram_network.hpp"

#include <memory>
#include <string_view>
#include <system_error>

#include <gtest/gtest.h>

namespace naru::engine::simulated {
namespace {

class datagram_network_test : public testing::Test {
 protected:
  static endpoint at(std::string_view text) { return endpoint::parse(text).value(); }

  std::shared_ptr<datagram_port> bind(std::string_view text, unsigned sockets = 1) {
    return network_.bind(at(text), {}, sockets, 1000).value();
  }
  std::error_code bind_error(std::string_view text) {
    const auto bound = network_.bind(at(text), {}, 1, 1000);
    return bound ? std::error_code{} : bound.error();
  }
  datagram_port* port_for(std::string_view to, std::string_view from = "127.0.0.1:9") {
    return network_.port_for(at(to), at(from));
  }

  datagram_network network_;
  signal receiver_;
};

TEST_F(datagram_network_test, an_address_has_one_port_until_its_last_socket_is_closed) {
  const auto port = bind("127.0.0.1:80", 3);
  for (const bool receives : {true, false, false}) {
    EXPECT_EQ(bind_error("127.0.0.1:80"), std::errc::address_in_use);
    EXPECT_EQ(bind_error("[::]:80"), std::errc::address_in_use);
    EXPECT_EQ(port_for("127.0.0.1:80"), port.get());
    network_.release(port, receives);
  }
  EXPECT_EQ(port_for("127.0.0.1:80"), nullptr);
  EXPECT_FALSE(bind_error("127.0.0.1:80"));
}

TEST_F(datagram_network_test, what_comes_is_for_nobody_when_the_one_that_receives_is_closed) {
  const auto port = bind("127.0.0.1:80", 2);
  port->receiver = &receiver_;
  port->receive({}, 0);
  EXPECT_TRUE(receiver_.kicked);
  EXPECT_EQ(port->queue.size(), 1U);
  receiver_.kicked = false;
  network_.release(port, true);
  port->receive({}, 0);
  EXPECT_FALSE(receiver_.kicked);
  EXPECT_EQ(port->queue.size(), 1U);
}

TEST_F(datagram_network_test, a_datagram_finds_the_address_that_covers_it) {
  const auto all = bind("[::]:80");
  const auto one = bind("127.0.0.2:81");
  EXPECT_EQ(port_for("127.0.0.1:80"), all.get());
  EXPECT_EQ(port_for("[::1]:80"), all.get());
  EXPECT_EQ(port_for("127.0.0.2:81"), one.get());
  EXPECT_EQ(port_for("127.0.0.1:81"), nullptr);
  EXPECT_EQ(port_for("127.0.0.1:82"), nullptr);
}

TEST_F(datagram_network_test, a_connected_one_is_found_by_its_peer_alone) {
  const auto port = network_.connect(at("127.0.0.2:80"), 1000).value();
  EXPECT_TRUE(port->is_connected());
  EXPECT_EQ(port->local.address_text(), "127.0.0.1");
  EXPECT_NE(port->local.port(), 0);
  EXPECT_EQ(network_.port_for(port->local, at("127.0.0.2:80")), port.get());
  EXPECT_EQ(network_.port_for(port->local, at("127.0.0.1:80")), nullptr);
  EXPECT_EQ(network_.port_for(port->local, at("127.0.0.2:81")), nullptr);
}

TEST_F(datagram_network_test, a_peer_that_is_a_wildcard_is_this_host) {
  const auto ipv4 = network_.connect(at("0.0.0.0:80"), 1000).value();
  EXPECT_EQ(ipv4->peer, at("127.0.0.1:80"));
  const auto ipv6 = network_.connect(at("[::]:80"), 1000).value();
  EXPECT_EQ(ipv6->peer, at("[::1]:80"));
  EXPECT_EQ(ipv6->local.address_text(), "::1");
}

TEST_F(datagram_network_test, some_peers_are_silent_and_others_unreachable) {
  EXPECT_TRUE(network_.connect(at("192.0.2.1:80"), 1000));
  EXPECT_EQ(network_.connect(at("10.0.0.1:80"), 1000).error(), std::errc::network_unreachable);
  EXPECT_EQ(network_.connect({}, 1000).error(), errc::invalid_endpoint);
}

}  // namespace
}  // namespace naru::engine::simulated
