// UDP across a cable: replies from the address that was written to, a link that loses datagrams, and one that
// carries none so large.

#include <set>
#include <string>
#include <vector>

#include <sys/socket.h>

#include "engine/linux/socket_options.hpp"
#include "linux/engine/child.hpp"
#include "linux/linux_udp_test.hpp"
#include "linux/two_hosts.hpp"
#include "linux/udp_peer.hpp"

namespace naru::test {
namespace {

class udp_two_hosts : public linux_udp_test {
 protected:
  static endpoint at(const std::string& text) { return endpoint::parse(text).value(); }

  /// Runs a test in a process of its own, on one of two hosts that have two addresses and one.
  template <typename Body>
  testing::AssertionResult with_two_hosts(Body body) {
    return in_own_network([&] {
      two_hosts hosts;
      for (const char* address : {"10.9.0.1/24", "10.9.0.2/24", "fd00:9::1/64", "fd00:9::2/64"}) {
        two_hosts::run(std::string{"ip addr add "} + address + " dev va" +
                       (std::string{address}.contains(':') ? " nodad" : ""));
      }
      hosts.run_over_there("ip addr add 10.9.0.9/24 dev vb");
      hosts.run_over_there("ip addr add fd00:9::9/64 dev vb nodad");
      body(hosts);
    });
  }
};

INSTANTIATE_TEST_SUITE_P(engines, udp_two_hosts, testing::ValuesIn(kernel_engines()), engine_name{});

TEST_P(udp_two_hosts, replies_leave_from_the_address_that_the_peer_wrote_to) {
  EXPECT_TRUE(with_two_hosts([this](two_hosts& hosts) {
    // The IPv6 wildcard takes both.
    const std::string port = std::to_string(lease(server(), endpoint::any_ipv6(0), {}, echo()).port());
    const std::vector<std::pair<std::string, std::string>> ways = {{"10.9.0.9:0", "10.9.0.1"},
                                                                   {"10.9.0.9:0", "10.9.0.2"},
                                                                   {"[fd00:9::9]:0", "[fd00:9::1]"},
                                                                   {"[fd00:9::9]:0", "[fd00:9::2]"}};
    for (const auto& [from, to] : ways) {
      auto peer = hosts.over_there([&] { return udp_peer{at(from)}; });
      peer.send_to(at(to + ":" + port), "hello");
      EXPECT_EQ(peer.receive(), "hello") << to;
      EXPECT_EQ(peer.sender(), at(to + ":" + port));
    }
  }));
}

TEST_P(udp_two_hosts, a_broadcast_is_answered_from_an_address_of_this_host) {
  EXPECT_TRUE(with_two_hosts([this](two_hosts& hosts) {
    const std::string port = std::to_string(lease(server(), endpoint::any_ipv6(0), {}, echo()).port());
    auto peer = hosts.over_there([] { return udp_peer{at("10.9.0.9:0")}; });
    EXPECT_FALSE(engine::set_option(peer.get(), SOL_SOCKET, SO_BROADCAST, 1));
    peer.send_to(at("10.9.0.255:" + port), "anybody?");
    EXPECT_EQ(peer.receive(), "anybody?");
    EXPECT_EQ(peer.sender(), at("10.9.0.1:" + port));
  }));
}

TEST_P(udp_two_hosts, one_peer_that_writes_to_two_addresses_is_answered_from_both) {
  EXPECT_TRUE(with_two_hosts([this](two_hosts& hosts) {
    const std::string port = std::to_string(lease(server(), endpoint::any_ipv4(0), {}, echo()).port());
    auto peer = hosts.over_there([] { return udp_peer{at("10.9.0.9:0")}; });
    for (const std::string to : {"10.9.0.1:", "10.9.0.2:", "10.9.0.1:"}) {
      peer.send_to(at(to + port), to);
      EXPECT_EQ(peer.receive(), to);
      EXPECT_EQ(peer.sender(), at(to + port));
      EXPECT_EQ(at_server_.shell()->local_endpoint(), at(to + port));
    }
    EXPECT_EQ(at_server_.all().size(), 1U) << "it is one peer";
  }));
}

TEST_P(udp_two_hosts, a_lossy_link_loses_datagrams_and_nothing_else) {
  EXPECT_TRUE(with_two_hosts([this](two_hosts& hosts) {
    // Every fifth one that arrives here is dropped.
    two_hosts::run(
        "nft 'add table ip t; add chain ip t in { type filter hook input priority 0; };"
        "add rule ip t in ip protocol udp numgen inc mod 5 == 4 drop'");
    const std::string port = std::to_string(lease(server(), at("10.9.0.1:0"), {}, echo()).port());
    auto peer = hosts.over_there([] { return udp_peer{at("10.9.0.9:0")}; });
    peer.connect(at("10.9.0.1:" + port));
    std::vector<std::string> expected;
    for (int i = 0; i < 100; ++i) {
      const std::string text = std::to_string(i);
      peer.send(text);
      if (i % 5 == 4) continue;
      expected.push_back(text);
      EXPECT_EQ(peer.receive(), text);
    }
    EXPECT_EQ(at_server_.at().messages, expected);
    EXPECT_EQ(at_server_.all().size(), 1U);
    EXPECT_FALSE(at_server_.at().closed);
  }));
}

TEST_P(udp_two_hosts, a_datagram_that_comes_twice_is_two_messages_of_one_connection) {
  EXPECT_TRUE(with_two_hosts([this](two_hosts& hosts) {
    // What leaves the other host is sent a second time by its own link.
    hosts.run_over_there(
        "nft 'add table netdev t; add chain netdev t out "
        "{ type filter hook egress device vb priority 0; };"
        "add rule netdev t out meta mark != 7 ip protocol udp meta mark set 7 dup to vb'");
    const std::string port = std::to_string(lease(server(), at("10.9.0.1:0")).port());
    auto peer = hosts.over_there([] { return udp_peer{at("10.9.0.9:0")}; });
    peer.send_to(at("10.9.0.1:" + port), "twice");
    EXPECT_TRUE(at_server_.received(2));
    EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("twice", "twice"));
    EXPECT_EQ(at_server_.all().size(), 1U);
  }));
}

TEST_P(udp_two_hosts, datagrams_too_large_to_be_joined_go_one_by_one) {
  EXPECT_TRUE(with_two_hosts([this](two_hosts& hosts) {
    // Above the 1,500 bytes of the link, the system fragments a datagram, and refuses to join several.
    const std::string port =
        std::to_string(lease(server(), at("10.9.0.1:0"), {.strangers = {.amplification_max = 0}},
                             {.received =
                                  [](connection& self, bytes_view) {
                                    for (int i = 0; i < 8; ++i)
                                      EXPECT_TRUE(self.send(pattern(3000, static_cast<unsigned>(i))));
                                    for (int i = 0; i < 8; ++i)
                                      EXPECT_TRUE(self.send(pattern(100, static_cast<unsigned>(i))));
                                  }})
                           .port());
    auto peer = hosts.over_there([] { return udp_peer{at("10.9.0.9:0")}; });
    peer.send_to(at("10.9.0.1:" + port), "go");
    std::multiset<std::string> expected;
    std::multiset<std::string> received;
    for (int i = 0; i < 8; ++i) {
      expected.insert(pattern(3000, static_cast<unsigned>(i)));
      expected.insert(pattern(100, static_cast<unsigned>(i)));
    }
    for (std::size_t i = 0; i < expected.size(); ++i) received.insert(peer.receive().value_or("nothing"));
    EXPECT_TRUE(received == expected);
    EXPECT_EQ(server().stats().udp.errors, 0U);
  }));
}

TEST_P(udp_two_hosts, a_slow_link_fills_the_queue_and_all_of_it_arrives_in_order) {
  EXPECT_TRUE(with_two_hosts([this](two_hosts& hosts) {
    two_hosts::run("tc qdisc add dev va root tbf rate 16mbit burst 32kb latency 10s");
    const std::string port =
        std::to_string(lease(server(), at("10.9.0.1:0"), {.strangers = {.amplification_max = 0}},
                             {.received =
                                  [](connection& self, bytes_view) {
                                    for (int i = 0; i < 1000; ++i) {
                                      EXPECT_TRUE(self.send(pattern(1'200, static_cast<unsigned>(i))));
                                    }
                                    EXPECT_GT(self.backlog_bytes(), 0U)
                                        << "the link should be the slower one";
                                  }})
                           .port());
    auto peer = hosts.over_there([] { return udp_peer{at("10.9.0.9:0")}; });
    peer.send_to(at("10.9.0.1:" + port), "go");
    for (unsigned i = 0; i < 1000; ++i) {
      const auto next = peer.receive();
      if (!next || *next != pattern(1'200, i)) GTEST_FAIL() << "datagram " << i << " is missing";
    }
  }));
}

}  // namespace
}  // namespace naru::test
