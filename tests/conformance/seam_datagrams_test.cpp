// What the seam promises of datagrams between two sockets, on every engine: each arrives whole, once and in
// order, failures concern one datagram or one peer, and on_closed comes once and last.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <random>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "conformance/seam_test.hpp"
#include "support/patience.hpp"

namespace naru::test {
namespace {

constexpr std::size_t largest = 65'507;

class seam_datagrams : public seam_test {
 protected:
  /// A shared socket of the server, and one of the client that is connected to it.
  struct pair {
    seam_datagram_peer& client;
    seam_datagram_peer& server;
  };

  [[nodiscard]] pair connected_pair() {
    seam_datagram_peer& server = share(server_engine());
    return {.client = connect_datagrams(server.local()), .server = server};
  }

  [[nodiscard]] static auto has(const seam_datagram_peer& peer, std::size_t count) {
    return [&peer, count] { return peer.received().size() >= count; };
  }

  /// An address at which nobody is any more.
  [[nodiscard]] endpoint deserted() {
    seam_datagram_peer& brief = share(server_engine());
    const endpoint address = brief.local();
    close(brief);
    return address;
  }

  /// Texts of these sizes, each another.
  [[nodiscard]] std::vector<std::string> texts_of(const std::vector<std::size_t>& sizes) {
    std::vector<std::string> texts;
    for (const std::size_t size : sizes) texts.push_back(random_bytes(size));
    return texts;
  }
};

INSTANTIATE_TEST_SUITE_P(engines, seam_datagrams, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(seam_datagrams, one_arrives_with_its_bytes_and_both_addresses) {
  const auto [client, server] = connected_pair();
  client.send("question");
  ASSERT_TRUE(turn_until(has(server, 1)));
  EXPECT_EQ(server.received().front().text, "question");
  EXPECT_EQ(server.received().front().remote, client.local());
  EXPECT_EQ(server.received().front().local, server.local());
  server.send_to(client.local(), "answer");
  ASSERT_TRUE(turn_until(has(client, 1)));
  EXPECT_EQ(client.received().front().text, "answer");
  EXPECT_EQ(client.received().front().remote, server.local());
  EXPECT_EQ(client.received().front().local, client.local());
}

TEST_P(seam_datagrams, an_empty_one_is_one_like_any_other) {
  const auto [client, server] = connected_pair();
  for (const char* const text : {"", "x", "", ""}) client.send(text);
  ASSERT_TRUE(turn_until(has(server, 4)));
  EXPECT_EQ(server.received_texts(), (std::vector<std::string>{"", "x", "", ""}));
  EXPECT_EQ(server.received().front().remote, client.local());
}

TEST_P(seam_datagrams, the_largest_arrives_whole) {
  const auto [client, server] = connected_pair();
  const std::string text = random_bytes(largest);
  client.send(text);
  ASSERT_TRUE(turn_until(has(server, 1)));
  EXPECT_EQ(server.received().front().text, text);
  EXPECT_EQ(server.lost().truncated, 0U);
}

TEST_P(seam_datagrams, sizes_of_all_kinds_keep_their_bounds) {
  const auto [client, server] = connected_pair();
  std::vector<std::string> sent;
  for (std::size_t size = 0; size <= largest; size = size < 20 ? size + 1 : size * 5 / 4) {
    sent.push_back(random_bytes(size));
    client.send(sent.back());
    ASSERT_TRUE(turn_until(has(server, sent.size())));
  }
  EXPECT_EQ(server.received_texts(), sent);
}

TEST_P(seam_datagrams, order_is_kept_between_two_sockets) {
  const auto [client, server] = connected_pair();
  std::vector<std::string> sent;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 50; ++i) {
      sent.push_back(std::to_string(sent.size()));
      client.send(sent.back());
    }
    ASSERT_TRUE(turn_until(has(server, sent.size())));
  }
  EXPECT_EQ(server.received_texts(), sent);
}

TEST_P(seam_datagrams, both_directions_flow_at_the_same_time) {
  const auto [client, server] = connected_pair();
  client.send("first");
  ASSERT_TRUE(turn_until(has(server, 1)));
  server.when_received = [](seam_datagram_peer& self, const auto& one) {
    self.send_to(one.remote, one.text);
  };
  const std::vector<std::string> sent = texts_of(std::vector<std::size_t>(40, 100));
  for (const std::string& text : sent) client.send(text);
  ASSERT_TRUE(turn_until(has(client, sent.size())));
  EXPECT_EQ(client.received_texts(), sent);
}

TEST_P(seam_datagrams, a_batch_to_several_peers_reaches_each_whole_and_in_order) {
  seam_datagram_peer& sender = share(server_engine());
  std::vector<seam_datagram_peer*> peers;
  for (int i = 0; i < 3; ++i) peers.push_back(&share(client_engine()));
  // Runs to one peer of one size, with a shorter, an empty or a longer one behind: what may travel together.
  const std::vector<std::vector<std::size_t>> runs = {
      {700, 700, 700, 300}, {700, 700, 701}, {1}, {1400, 1400, 0}, {0, 0, 0}, {50, 50}, {50, 50, 50, 49},
      {1200, 1200, 1200},   {9000, 9000, 1}};
  for (int round = 0; round < 6; ++round) {
    std::vector<std::vector<std::string>> sent(peers.size());
    for (std::size_t i = 0; i < runs.size(); ++i) {
      // Neighbouring runs go to different peers, but for one pair of them.
      const std::size_t to = (i + static_cast<std::size_t>(round)) % peers.size();
      for (const std::string& text : texts_of(runs[i])) {
        sent[to].push_back(text);
        sender.send_to(peers[to]->local(), text);
      }
    }
    for (std::size_t i = 0; i < peers.size(); ++i) {
      ASSERT_TRUE(turn_until(has(*peers[i], sent[i].size())));
    }
    turn_for_a_while();
    for (std::size_t i = 0; i < peers.size(); ++i) EXPECT_EQ(peers[i]->received_texts(), sent[i]);
    for (seam_datagram_peer*& peer : peers) {
      close(*peer);
      peer = &share(client_engine());
    }
  }
}

TEST_P(seam_datagrams, a_long_run_of_one_size_arrives_as_it_was_sent) {
  const auto [client, server] = connected_pair();
  for (const std::size_t size : {1U, 100U, 500U, 1472U}) {
    const std::size_t before = server.received().size();
    std::vector<std::string> sent = texts_of(std::vector<std::size_t>(70, size));
    sent.push_back(random_bytes(size / 2));
    for (const std::string& text : sent) client.send(text);
    ASSERT_TRUE(turn_until(has(server, before + sent.size())));
    const std::vector<std::string> all = server.received_texts();
    EXPECT_TRUE(std::equal(sent.begin(), sent.end(), all.begin() + static_cast<std::ptrdiff_t>(before)));
  }
}

TEST_P(seam_datagrams, one_that_is_too_large_is_refused_and_those_behind_it_go) {
  const auto [client, server] = connected_pair();
  for (const std::size_t size : {largest + 1, std::size_t{100'000}}) {
    const std::size_t before = server.received().size();
    client.send("before");
    client.send(std::string(size, 'x'));
    client.send("behind");
    ASSERT_TRUE(turn_until(has(server, before + 2)));
    EXPECT_EQ(server.received()[before].text, "before");
    EXPECT_EQ(server.received()[before + 1].text, "behind");
    ASSERT_FALSE(client.refused().empty());
    EXPECT_EQ(client.refused().back().error, std::errc::message_size);
    EXPECT_EQ(client.refused().back().text.size(), size);
  }
  EXPECT_EQ(client.refused().size(), 2U);
}

TEST_P(seam_datagrams, a_connected_socket_gets_only_what_its_peer_sends) {
  const auto [client, server] = connected_pair();
  seam_datagram_peer& stranger = share(server_engine());
  for (int i = 0; i < 3; ++i) stranger.send_to(client.local(), "intruder");
  ASSERT_TRUE(turn_until([&] { return stranger.all_sent(); }));
  turn_for_a_while();
  server.send_to(client.local(), "friend");
  ASSERT_TRUE(turn_until(has(client, 1)));
  turn_for_a_while();
  EXPECT_EQ(client.received_texts(), std::vector<std::string>{"friend"});
}

TEST_P(seam_datagrams, a_connected_socket_is_told_that_nobody_is_there_and_goes_on) {
  const endpoint address = deserted();
  seam_datagram_peer& client = connect_datagrams(address);
  for (std::size_t errors = 1; errors < 4; ++errors) {
    client.send("anybody?");
    ASSERT_TRUE(turn_until([&] { return client.errors().size() >= errors; }));
    EXPECT_EQ(client.errors().back().error, std::errc::connection_refused);
    const endpoint& concerned = client.errors().back().remote;
    EXPECT_TRUE(concerned == address || concerned.family() == address_family::none);
  }
  seam_datagram_peer& late = share(server_engine(), address);
  client.send("there you are");
  ASSERT_TRUE(turn_until(has(late, 1)));
  EXPECT_EQ(late.received().front().text, "there you are");
  late.send_to(client.local(), "here I am");
  EXPECT_TRUE(turn_until(has(client, 1)));
  EXPECT_TRUE(client.refused().empty());
}

TEST_P(seam_datagrams, a_shared_socket_goes_on_when_one_of_its_peers_is_gone) {
  const endpoint gone = deserted();
  seam_datagram_peer& sender = share(server_engine());
  seam_datagram_peer& alive = share(client_engine());
  std::vector<std::string> sent;
  for (int i = 0; i < 10; ++i) {
    sent.push_back(std::to_string(i));
    sender.send_to(gone, "anybody?");
    sender.send_to(alive.local(), sent.back());
    ASSERT_TRUE(turn_until(has(alive, sent.size())));
  }
  EXPECT_EQ(alive.received_texts(), sent);
  EXPECT_TRUE(sender.refused().empty());
  alive.send_to(sender.local(), "and back");
  EXPECT_TRUE(turn_until(has(sender, 1)));
}

TEST_P(seam_datagrams, what_was_taken_is_sent_though_its_socket_closes) {
  const auto [client, server] = connected_pair();
  std::vector<std::string> sent;
  for (int i = 0; i < 20; ++i) client.send(sent.emplace_back(std::to_string(i)));
  ASSERT_TRUE(turn_client_until([&] { return client.all_sent(); }));
  client.close();
  ASSERT_TRUE(turn_until([&] { return client.closed() && server.received().size() == sent.size(); }));
  EXPECT_EQ(server.received_texts(), sent);
}

TEST_P(seam_datagrams, a_close_with_some_unread_throws_them_away) {
  const auto [client, server] = connected_pair();
  const endpoint address = server.local();
  for (int i = 0; i < 10; ++i) client.send("never read");
  ASSERT_TRUE(turn_client_until([&] { return client.all_sent(); }));
  close(server);
  EXPECT_TRUE(server.received().empty());
  seam_datagram_peer& next = share(server_engine(), address);
  client.send("for the next");
  ASSERT_TRUE(turn_until(has(next, 1)));
  EXPECT_EQ(next.received_texts(), std::vector<std::string>{"for the next"});
}

TEST_P(seam_datagrams, an_event_may_close_its_own_socket_and_any_other) {
  for (int round = 0; round < 20; ++round) {
    seam_datagram_peer& first = share(server_engine());
    seam_datagram_peer& second = share(server_engine());
    seam_datagram_peer& client = share(client_engine());
    const bool itself = round % 2 == 0;
    const auto kill = [&, itself](seam_datagram_peer& other) {
      return [&other, itself](seam_datagram_peer& self, const auto&) {
        seam_datagram_peer& victim = itself ? self : other;
        if (victim.can_be_used()) victim.close();
      };
    };
    first.when_received = kill(second);
    second.when_received = kill(first);
    for (int i = 0; i < 5; ++i) {
      client.send_to(first.local(), "both are ready");
      client.send_to(second.local(), "both are ready");
    }
    // Only the client's engine, so that the server's finds both ready at once.
    ASSERT_TRUE(turn_client_until([&] { return client.all_sent(); }));
    ASSERT_TRUE(turn_until([&] { return first.closed() || second.closed(); }));
    turn_for_a_while();
    // The peers themselves complain of an event that comes too late.
    EXPECT_EQ(first.closed() && second.closed(), itself);
    close(client);
  }
}

TEST_P(seam_datagrams, closes_at_any_moment_end_in_on_closed) {
  for (int round = 0; round < 60; ++round) {
    const auto [client, server] = connected_pair();
    server.when_received = [](seam_datagram_peer& self, const auto& one) {
      if (self.can_be_used()) self.send_to(one.remote, one.text);
    };
    for (int i = 0; i < 30; ++i) client.send("to and fro");
    for (std::size_t left = draw(20); left > 0; --left) turn();
    for (seam_datagram_peer* const peer : {&client, &server}) {
      peer->close();
      turn();
    }
    ASSERT_TRUE(turn_until([&] { return client.closed() && server.closed(); }));
    turn();
  }
}

TEST_P(seam_datagrams, a_full_receive_buffer_loses_some_and_says_how_many) {
  if (const auto why = environment().why_losses_are_not_counted(); !why.empty()) GTEST_SKIP() << why;
  seam_datagram_peer& server =
      share(server_engine(), environment().bind_address(), {}, {.receive_buffer_bytes = 16 << 10});
  seam_datagram_peer& client = connect_datagrams(server.local());
  std::size_t sent = 0;
  for (int round = 0; round < 3; ++round) {
    // Each larger than the one before: those that travel together may be counted as one when they are lost.
    for (std::size_t i = 0; i < 200; ++i, ++sent) client.send(random_bytes(900 + i));
    ASSERT_TRUE(turn_client_until([&] { return client.all_sent(); }));
    // What was kept is read before the next one comes, which therefore has room, and tells of the losses.
    turn_for_a_while();
    client.send("last");
    ++sent;
    ASSERT_TRUE(
        turn_until([&] { return !server.received().empty() && server.received().back().text == "last"; }));
    EXPECT_GT(server.lost().by_system, 0U);
    EXPECT_EQ(server.received().size() + server.lost().by_system, sent);
  }
  EXPECT_EQ(server.lost().truncated, 0U);
}

TEST_P(seam_datagrams, a_wake_ends_a_poll_that_waits_beside_idle_sockets) {
  static_cast<void>(connected_pair());
  const auto start = std::chrono::steady_clock::now();
  std::thread other{[this] { client_engine().wake(); }};
  client_engine().poll(patience);
  other.join();
  EXPECT_LT(std::chrono::steady_clock::now() - start, patience);
}

TEST_P(seam_datagrams, a_poll_that_waits_is_ended_by_one_from_another_thread) {
  seam_datagram_peer& server = share(server_engine());
  std::thread other{[this, to = server.local()] {
    const auto engine = client_platform().make_engine().value();
    std::minstd_rand own_chance;
    seam_datagram_peer client{own_chance};
    client.serve(*engine->connect(to, {}, client).value());
    client.send("wake up");
    while (!client.all_sent()) {
      client.pump();
      engine->poll(std::chrono::milliseconds{1});
    }
    client.close();
    while (!client.closed()) engine->poll(std::chrono::milliseconds{1});
  }};
  const auto start = std::chrono::steady_clock::now();
  while (server.received().empty() && std::chrono::steady_clock::now() - start < patience) {
    server_engine().poll(patience);
  }
  other.join();
  EXPECT_EQ(server.received_texts(), std::vector<std::string>{"wake up"});
  EXPECT_LT(std::chrono::steady_clock::now() - start, patience);
}

}  // namespace
}  // namespace naru::test
