// UDP beside plain sockets: dead peers among many, ports that others have, both families, what the system
// drops.

#include <algorithm>
#include <array>
#include <latch>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <sys/socket.h>

#include "engine/linux/socket_address.hpp"
#include "engine/linux/socket_options.hpp"
#include "linux/linux_udp_test.hpp"
#include "linux/udp_peer.hpp"

namespace naru::test {
namespace {

class udp_peers : public linux_udp_test {
 protected:
  /// What each worker of a network was used for.
  struct used_workers {
    std::mutex mutex;
    std::set<std::thread::id> threads;
  };
};

INSTANTIATE_TEST_SUITE_P(engines, udp_peers, testing::ValuesIn(kernel_engines()), engine_name{});

TEST_P(udp_peers, dead_ones_among_a_thousand_do_not_stop_or_slow_the_others) {
  ASSERT_GE(very_many_connections(), 1000U);  // it raises the limit of descriptors, too
  const endpoint where = lease();
  constexpr std::size_t count = 1000;
  std::vector<udp_peer> peers;
  for (std::size_t i = 0; i < count; ++i) {
    peers.emplace_back();
    peers.back().connect(where);
    for (int n = 0; n < 2; ++n) peers.back().send("here");  // with the second one it leaves probation
    if (i % 100 == 99) {
      ASSERT_TRUE(at_server_.received(2 * (i + 1)));
    }
  }
  // Every tenth one goes without a word: what is sent to it is answered by an ICMP error.
  for (std::size_t i = 0; i < count; i += 10) peers[i].close();
  for (int round = 0; round < 3; ++round) {
    for (const auto& renter : at_server_.shells()) ASSERT_TRUE(renter->send("news " + std::to_string(round)));
    for (std::size_t i = 0; i < count; ++i) {
      if (i % 10 != 0) {
        ASSERT_EQ(peers[i].receive(), "news " + std::to_string(round));
      }
    }
  }
  EXPECT_EQ(at_server_.shells().size(), count) << "a dead one is told by its silence alone";
  for (const record& each : at_server_.all()) EXPECT_TRUE(each.errors.empty());
}

TEST_P(udp_peers, a_port_that_another_socket_shares_with_its_like_is_taken) {
  udp_peer other;
  const engine::descriptor sharing{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  ASSERT_FALSE(engine::set_option(sharing.get(), SOL_SOCKET, SO_REUSEPORT, 1));
  const engine::socket_address any{endpoint::loopback_ipv4(0)};
  ASSERT_EQ(::bind(sharing.get(), any.data(), any.size()), 0);
  network& three = start_network(3);
  for (const endpoint& taken : {other.local(), engine::local_endpoint_of(sharing.get())}) {
    EXPECT_EQ(error_of(three.bind(udp, taken)), std::errc::address_in_use);
    EXPECT_EQ(error_of(three.bind(udp, taken, {.one_socket = true})), std::errc::address_in_use);
  }
}

TEST_P(udp_peers, a_listener_with_a_socket_for_each_worker_has_its_port_alone) {
  network& three = start_network(3);
  const endpoint where = lease(three, endpoint::loopback_ipv4(0));
  EXPECT_EQ(error_of(three.bind(udp, where)), std::errc::address_in_use);
  EXPECT_EQ(error_of(client().bind(udp, where)), std::errc::address_in_use);
  ASSERT_TRUE(three.close(leased_socket()));
  ASSERT_TRUE(at_server_.listener_closed(leased_socket()));
  EXPECT_TRUE(client().bind(udp, where));
}

TEST_P(udp_peers, each_worker_gets_peers_and_keeps_them) {
  const auto used = std::make_shared<used_workers>();
  network& three = start_network(3);
  const endpoint where =
      lease(three, endpoint::loopback_ipv4(0), {}, {.received = [used](connection& self, bytes_view bytes) {
              {
                const std::scoped_lock hold{used->mutex};
                used->threads.insert(std::this_thread::get_id());
              }
              EXPECT_TRUE(self.send(bytes));
            }});
  std::vector<udp_peer> peers(100);
  for (int round = 0; round < 5; ++round) {
    for (udp_peer& each : peers) each.send_to(where, std::to_string(round));
    for (udp_peer& each : peers) ASSERT_EQ(each.receive(), std::to_string(round));
  }
  // The recorder has watched that each stays on one thread.
  EXPECT_EQ(at_server_.all().size(), peers.size());
  EXPECT_EQ(used->threads.size(), 3U) << "a hundred peers all fall on fewer workers once in 10^17 times";
}

TEST_P(udp_peers, one_socket_serves_both_families) {
  const std::string port = std::to_string(lease(server(), endpoint::any_ipv6(0), {}, echo()).port());
  udp_peer four{endpoint::loopback_ipv4(0)};
  udp_peer six{endpoint::loopback_ipv6(0)};
  four.send_to(endpoint::parse("127.0.0.1:" + port).value(), "four");
  EXPECT_EQ(four.receive(), "four");
  six.send_to(endpoint::parse("[::1]:" + port).value(), "six");
  EXPECT_EQ(six.receive(), "six");
  EXPECT_EQ(at_server_.at(0).shell.lock()->remote_endpoint(), four.local())
      << "as the IPv4 address that it is";
  EXPECT_EQ(at_server_.at(1).shell.lock()->remote_endpoint(), six.local());
}

TEST_P(udp_peers, what_the_system_drops_is_in_the_statistics) {
  // The worker is held in a handler while more comes than the buffer takes.
  std::latch held{1};
  std::latch go_on{1};
  const endpoint where =
      lease({.receive_buffer_bytes = 16'384}, {.received = [&](connection&, bytes_view message) {
              if (as_text(message) != "hold") return;
              held.count_down();
              go_on.wait();
            }});
  udp_peer peer;
  peer.send_to(where, "hold");
  held.wait();
  constexpr std::uint64_t sent = 500;
  for (std::uint64_t i = 0; i < sent; ++i) peer.send_to(where, std::string(500, 'x'));
  go_on.count_down();
  EXPECT_TRUE(eventually([&] {
    peer.send_to(where, "and then");  // the system tells of losses with what comes next
    return server().stats().udp.lost_by_system > 0;
  }));
  const network_stats stats = server().stats();
  EXPECT_LT(stats.udp.lost_by_system, sent);
  EXPECT_EQ(stats.closed_by(close_cause::local), 0U);
}

TEST_P(udp_peers, a_connected_one_hears_its_peer_alone) {
  udp_peer known;
  udp_peer stranger;
  const auto mine = connect_udp(known.local());
  ASSERT_TRUE(mine->send("hello"));
  ASSERT_EQ(known.receive(), "hello");
  stranger.send_to(known.sender(), "let me in");
  known.send_to(known.sender(), "welcome");
  ASSERT_TRUE(at_client_.received(1));
  EXPECT_THAT(at_client_.at().messages, testing::ElementsAre("welcome"));
}

}  // namespace
}  // namespace naru::test
