// What the seam promises of bound datagram sockets, on every engine: whose an address is, which of several
// sockets receives, and where what they send seems to come from.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "conformance/seam_test.hpp"

namespace naru::test {
namespace {

class seam_datagram_sharing : public seam_test {
 protected:
  [[nodiscard]] std::error_code bind_error(const endpoint& local, const bind_options& options = {},
                                           unsigned count = 1) {
    const auto bound = client_platform().bind_datagrams(local, options, count);
    return bound ? std::error_code{} : bound.error();
  }

  [[nodiscard]] bool has_ipv6() {
    return server_platform().bind_datagrams(endpoint::loopback_ipv6(0), {}, 1).has_value();
  }

  /// So many sockets on one address, all served by the server's engine, with what tells whether each of them
  /// receives.
  struct group {
    std::vector<seam_datagram_peer*> members = {};
    endpoint local = {};
    bool steered = false;
  };

  [[nodiscard]] group share_group(unsigned count, const bind_options& options = {}) {
    auto bound = server_platform().bind_datagrams(environment().bind_address(), options, count).value();
    group made{.local = bound.local, .steered = bound.steered};
    for (engine::raw_socket& socket : bound.sockets) {
      const bool receives = bound.steered || made.members.empty();
      made.members.push_back(&share(server_engine(), std::move(socket), {.receives = receives}));
    }
    return made;
  }

  [[nodiscard]] static std::size_t received_by(const group& all) {
    std::size_t sum = 0;
    for (const seam_datagram_peer* const one : all.members) sum += one->received().size();
    return sum;
  }

  /// A question to this address and the answer to it, from the address that the question was written to.
  void expect_answer_from(const endpoint& address, seam_datagram_peer& server) {
    seam_datagram_peer& client = connect_datagrams(address);
    const std::size_t before = server.received().size();
    client.send("question");
    ASSERT_TRUE(turn_until([&] { return server.received().size() > before; })) << address.to_string();
    const auto& question = server.received().back();
    EXPECT_EQ(question.local, address);
    EXPECT_EQ(question.remote, client.local());
    // The client is connected, and gets only what comes from just there.
    server.send_to(question.remote, "answer", question.local);
    ASSERT_TRUE(turn_until([&] { return !client.received().empty(); })) << address.to_string();
    EXPECT_EQ(client.received().front().remote, address);
  }
};

INSTANTIATE_TEST_SUITE_P(engines, seam_datagram_sharing, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(seam_datagram_sharing, port_zero_is_a_free_one_and_is_told) {
  const auto first = server_platform().bind_datagrams(environment().bind_address(), {}, 1).value();
  const auto second = server_platform().bind_datagrams(environment().bind_address(), {}, 3).value();
  EXPECT_EQ(first.sockets.size(), 1U);
  EXPECT_EQ(second.sockets.size(), 3U);
  EXPECT_NE(first.local.port(), 0);
  EXPECT_NE(second.local.port(), 0);
  EXPECT_NE(first.local, second.local);
  EXPECT_EQ(second.local.with_port(0), environment().bind_address());
}

TEST_P(seam_datagram_sharing, a_port_in_use_is_refused) {
  for (const unsigned count : {1U, 3U}) {
    const auto bound = server_platform().bind_datagrams(environment().bind_address(), {}, count).value();
    for (const unsigned wanted : {1U, 3U}) {
      EXPECT_EQ(bind_error(bound.local, {}, wanted), std::errc::address_in_use);
      EXPECT_EQ(bind_error(bound.local, {.one_socket = true}, wanted), std::errc::address_in_use);
      EXPECT_EQ(bind_error(endpoint::any_ipv4(bound.local.port()), {}, wanted), std::errc::address_in_use);
    }
  }
}

TEST_P(seam_datagram_sharing, a_port_is_in_use_until_the_last_of_its_sockets_is_closed) {
  const group all = share_group(3);
  for (seam_datagram_peer* const member : all.members) {
    EXPECT_EQ(bind_error(all.local, {}, 3), std::errc::address_in_use);
    close(*member);
  }
  EXPECT_FALSE(bind_error(all.local, {}, 3));
}

TEST_P(seam_datagram_sharing, sockets_that_nobody_uses_give_their_port_back) {
  const endpoint local = server_platform().bind_datagrams(environment().bind_address(), {}, 3).value().local;
  EXPECT_FALSE(bind_error(local));
}

TEST_P(seam_datagram_sharing, streams_have_ports_of_their_own) {
  const auto bound = server_platform().bind_datagrams(environment().bind_address(), {}, 1).value();
  EXPECT_TRUE(server_platform().bind_stream(bound.local, {}));
}

TEST_P(seam_datagram_sharing, an_address_of_another_host_cannot_be_bound) {
  EXPECT_EQ(bind_error(endpoint{endpoint::ipv4_bytes{192, 0, 2, 1}, 0}), std::errc::address_not_available);
}

TEST_P(seam_datagram_sharing, all_that_one_peer_sends_comes_to_the_same_socket) {
  const group all = share_group(3);
  std::vector<seam_datagram_peer*> clients;
  for (int i = 0; i < 12; ++i) clients.push_back(&connect_datagrams(all.local));
  constexpr std::size_t each = 6;
  for (std::size_t i = 0; i < each; ++i) {
    for (seam_datagram_peer* const client : clients) client->send(std::to_string(i));
    ASSERT_TRUE(turn_until([&] { return received_by(all) == clients.size() * (i + 1); }));
  }
  std::map<endpoint, std::set<std::size_t>> homes;
  std::map<endpoint, std::vector<std::string>> texts;
  for (std::size_t i = 0; i < all.members.size(); ++i) {
    for (const auto& one : all.members[i]->received()) {
      homes[one.remote].insert(i);
      texts[one.remote].push_back(one.text);
      EXPECT_EQ(one.local, all.local);
    }
  }
  EXPECT_EQ(homes.size(), clients.size());
  for (const auto& [peer, members] : homes) {
    EXPECT_EQ(members.size(), 1U) << peer.to_string() << " came to several";
    EXPECT_TRUE(all.steered || members.contains(0)) << "the first receives for all";
    EXPECT_EQ(texts[peer], (std::vector<std::string>{"0", "1", "2", "3", "4", "5"}));
  }
}

TEST_P(seam_datagram_sharing, every_one_of_the_sockets_can_send) {
  const group all = share_group(3);
  seam_datagram_peer& client = connect_datagrams(all.local);
  for (std::size_t i = 0; i < all.members.size(); ++i) {
    EXPECT_EQ(all.members[i]->local(), all.local);
    all.members[i]->send_to(client.local(), std::to_string(i));
    ASSERT_TRUE(turn_until([&] { return client.received().size() == i + 1; }));
    EXPECT_EQ(client.received().back().text, std::to_string(i));
    EXPECT_EQ(client.received().back().remote, all.local);
  }
}

TEST_P(seam_datagram_sharing, one_socket_receives_for_all_when_that_was_asked_for) {
  const group all = share_group(3, {.one_socket = true});
  EXPECT_FALSE(all.steered);
  std::vector<seam_datagram_peer*> clients;
  for (int i = 0; i < 12; ++i) {
    clients.push_back(&connect_datagrams(all.local));
    clients.back()->send("x");
  }
  ASSERT_TRUE(turn_until([&] { return received_by(all) == clients.size(); }));
  EXPECT_EQ(all.members.front()->received().size(), clients.size());
}

TEST_P(seam_datagram_sharing, sockets_that_only_send_may_close_first) {
  const group all = share_group(3, {.one_socket = true});
  close(*all.members[1]);
  close(*all.members[2]);
  seam_datagram_peer& client = connect_datagrams(all.local);
  client.send("still there?");
  EXPECT_TRUE(turn_until([&] { return all.members[0]->received().size() == 1; }));
}

TEST_P(seam_datagram_sharing, what_came_before_it_was_served_is_not_lost) {
  auto bound = server_platform().bind_datagrams(environment().bind_address(), {}, 1).value();
  seam_datagram_peer& client = connect_datagrams(bound.local);
  client.send("early");
  ASSERT_TRUE(turn_until([&] { return client.all_sent(); }));
  turn_for_a_while();
  seam_datagram_peer& server = share(server_engine(), std::move(bound.sockets.front()));
  ASSERT_TRUE(turn_until([&] { return !server.received().empty(); }));
  EXPECT_EQ(server.received().front().text, "early");
  EXPECT_TRUE(client.errors().empty());
}

TEST_P(seam_datagram_sharing, answers_leave_from_the_address_that_was_written_to) {
  if (const auto why = environment().why_no_address_to_send_from_is_named(); !why.empty())
    GTEST_SKIP() << why;
  if (has_ipv6()) {
    seam_datagram_peer& server = share(server_engine(), endpoint::any_ipv6(0));
    expect_answer_from(endpoint{endpoint::ipv4_bytes{127, 0, 0, 2}, server.local().port()}, server);
  }
  seam_datagram_peer& server = share(server_engine(), endpoint::any_ipv4(0));
  const std::uint16_t port = server.local().port();
  for (const std::uint8_t last : std::to_array<std::uint8_t>({1, 2, 1, 77})) {
    expect_answer_from(endpoint{endpoint::ipv4_bytes{127, 0, 0, last}, port}, server);
  }
}

TEST_P(seam_datagram_sharing, one_batch_may_leave_from_several_addresses) {
  if (const auto why = environment().why_no_address_to_send_from_is_named(); !why.empty())
    GTEST_SKIP() << why;
  seam_datagram_peer& server = share(server_engine(), endpoint::any_ipv4(0));
  seam_datagram_peer& client = share(client_engine());
  const std::uint16_t port = server.local().port();
  const endpoint first{endpoint::ipv4_bytes{127, 0, 0, 1}, port};
  const endpoint second{endpoint::ipv4_bytes{127, 0, 0, 2}, port};
  // One size and one peer: they could travel together, were it not for the addresses.
  for (const endpoint& from : {first, first, second, second, first}) {
    server.send_to(client.local(), from.to_string(), from);
  }
  ASSERT_TRUE(turn_until([&] { return client.received().size() == 5; }));
  for (const auto& one : client.received()) EXPECT_EQ(one.remote.to_string(), one.text);
}

TEST_P(seam_datagram_sharing, an_address_of_its_own_can_be_named_by_a_socket_that_has_but_one) {
  seam_datagram_peer& server = share(server_engine());
  expect_answer_from(server.local(), server);
}

TEST_P(seam_datagram_sharing, an_ipv6_wildcard_takes_ipv4_and_answers_it) {
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 here";
  seam_datagram_peer& server = share(server_engine(), endpoint::any_ipv6(0));
  const std::uint16_t port = server.local().port();
  expect_answer_from(endpoint::loopback_ipv4(port), server);
  expect_answer_from(endpoint::loopback_ipv6(port), server);
  EXPECT_EQ(server.received().front().remote.family(), address_family::ipv4);
  EXPECT_EQ(server.received().front().local.family(), address_family::ipv4);
}

TEST_P(seam_datagram_sharing, an_ipv6_wildcard_leaves_ipv4_alone_when_told_to) {
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 here";
  seam_datagram_peer& server = share(server_engine(), endpoint::any_ipv6(0), {.ipv6_only = true});
  const std::uint16_t port = server.local().port();
  EXPECT_EQ(bind_error(endpoint::any_ipv6(port), {.ipv6_only = true}), std::errc::address_in_use);
  expect_answer_from(endpoint::loopback_ipv6(port), server);
  seam_datagram_peer& other = share(server_engine(), endpoint::any_ipv4(port));
  expect_answer_from(endpoint::loopback_ipv4(port), other);
  EXPECT_EQ(server.received().size(), 1U);
}

TEST_P(seam_datagram_sharing, an_ipv6_wildcard_that_takes_ipv4_has_the_port_of_both) {
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 here";
  const auto bound = server_platform().bind_datagrams(endpoint::any_ipv6(0), {}, 1).value();
  EXPECT_EQ(bind_error(endpoint::any_ipv4(bound.local.port())), std::errc::address_in_use);
  EXPECT_EQ(bind_error(endpoint::loopback_ipv4(bound.local.port())), std::errc::address_in_use);
}

TEST_P(seam_datagram_sharing, random_numbers_fill_the_place_and_differ) {
  std::vector<std::byte> first(64);
  std::vector<std::byte> second(64);
  ASSERT_FALSE(server_platform().fill_random(first));
  ASSERT_FALSE(server_platform().fill_random(second));
  EXPECT_NE(first, second);
  const std::vector<std::byte> zeros(16);
  EXPECT_TRUE(std::ranges::search(first, zeros).empty());
  EXPECT_FALSE(server_platform().fill_random({}));
}

}  // namespace
}  // namespace naru::test
