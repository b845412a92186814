// R7.2: what becomes of each message that was accepted is counted once, also when connections end in all ways
// at once.

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "support/pressure.hpp"

namespace naru::test {
namespace {

/// What users of one connection were told.
struct told {
  std::atomic<std::uint64_t> accepted = 0;
  std::atomic<std::uint64_t> refused = 0;

  void count(const result<void>& sent) {
    if (sent) {
      ++accepted;
    } else if (sent.error() == errc::backlog_full) {
      ++refused;
    } else {
      EXPECT_EQ(sent.error(), errc::closed);
    }
  }
};

class accounts : public udp_test {
 protected:
  static constexpr std::array policies = {backlog_policy::close, backlog_policy::refuse,
                                          backlog_policy::drop_oldest, backlog_policy::pause_reading};

  static connection_options tight(backlog_policy policy) {
    return {.max_message_bytes = 500,
            .backlog_bytes_max = 2000,
            .backlog_messages_max = 30,
            .when_backlog_full = policy,
            .linger_timeout = std::chrono::milliseconds{20}};
  }

  /// Of all kinds, from one thread.
  static void send_all_kinds(connection& to, told& of, std::size_t count) {
    const message shared = message::make(pattern(60)).value();
    for (std::size_t i = 0; i < count; ++i) {
      switch (i % 4) {
        case 0:
          of.count(to.send(pattern(i % 90, i)));
          break;
        case 1:
          of.count(to.send_latest(i % 3, pattern(i % 70, i)));
          break;
        case 2:
          of.count(to.send(shared));
          break;
        default:
          of.count(to.send(std::string(300, 'm')));
          break;
      }
    }
  }

  static std::uint64_t ended(const connection_stats& now) {
    return now.messages_sent + now.messages_dropped + now.messages_replaced + now.messages_lost;
  }

  struct sums {
    std::uint64_t sent = 0, refused = 0, dropped = 0, replaced = 0, lost = 0;
    void add(const connection_stats& one) {
      sent += one.messages_sent;
      refused += one.messages_refused;
      dropped += one.messages_dropped;
      replaced += one.messages_replaced;
      lost += one.messages_lost;
    }
  };
  static void expect_sums(const network_stats& of, const sums& each) {
    EXPECT_EQ(of.messages_sent, each.sent);
    EXPECT_EQ(of.messages_refused, each.refused);
    EXPECT_EQ(of.messages_dropped, each.dropped);
    EXPECT_EQ(of.messages_replaced, each.replaced);
    EXPECT_EQ(of.messages_lost, each.lost);
  }
  /// For connections whose end has been told. What was sent at that moment is taken in a moment later.
  static void expect_accounted(const connection& one, const told& of, sums& all) {
    EXPECT_TRUE(eventually([&] { return ended(one.stats()) == of.accepted && one.backlog_bytes() == 0; }));
    const connection_stats end = one.stats();
    EXPECT_EQ(ended(end), of.accepted)
        << end.messages_sent << " sent, " << end.messages_dropped << " dropped, " << end.messages_replaced
        << " replaced, " << end.messages_lost << " lost";
    EXPECT_EQ(end.messages_refused, of.refused);
    EXPECT_EQ(end.backlog_bytes, 0U);
    EXPECT_EQ(end.backlog_messages, 0U);
    all.add(end);
  }
};

INSTANTIATE_TEST_SUITE_P(engines, accounts, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(accounts, R7_2_a_storm_of_ends_loses_no_count) {
  constexpr std::size_t per_policy = 3;
  std::vector<link> pairs;
  for (const backlog_policy policy : policies) {
    for (std::size_t i = 0; i < per_policy; ++i) pairs.push_back(open_link({.client = tight(policy)}));
  }
  std::vector<told> of(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); i += 2) pairs[i].server->pause_receiving();
  {
    std::vector<std::jthread> running;
    for (int t = 0; t < 2; ++t) {
      running.emplace_back([&] {
        for (int round = 0; round < 4; ++round) {
          for (std::size_t i = 0; i < pairs.size(); ++i) send_all_kinds(*pairs[i].client, of[i], 25);
        }
      });
    }
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      // Behind close and abort, which let no task run.
      static_cast<void>(pairs[i].client->post([&, i](connection& self) { send_all_kinds(self, of[i], 40); }));
      if (i % per_policy == 0) pairs[i].client->close();
      if (i % per_policy == 1) pairs[i].client->abort();
      if (i % per_policy == 2) pairs[i].server->abort();
    }
  }
  ASSERT_TRUE(at_client_.closed(pairs.size()));
  for (const link& each : pairs) each.server->abort();
  sums all;
  for (std::size_t i = 0; i < pairs.size(); ++i) expect_accounted(*pairs[i].client, of[i], all);
  expect_sums(client().stats(), all);
}

TEST_P(accounts, R7_2_what_lives_on_is_accounted_for_when_nothing_waits) {
  std::size_t links = 0;
  for (const backlog_policy policy : policies) {
    if (policy == backlog_policy::close) continue;
    const link pair = open_link({.client = tight(policy)});
    told of;
    {
      std::jthread other{[&] { send_all_kinds(*pair.client, of, 200); }};
      send_all_kinds(*pair.client, of, 200);
      ASSERT_TRUE(run_inside(*pair.client, [&](connection& self) { send_all_kinds(self, of, 200); }));
    }
    EXPECT_FALSE(pair.client->is_closed());
    EXPECT_TRUE(eventually([&] {
      const connection_stats now = pair.client->stats();
      return ended(now) == of.accepted && now.backlog_bytes == 0 && now.backlog_messages == 0;
    })) << of.accepted
        << " accepted, " << ended(pair.client->stats()) << " accounted for";
    EXPECT_EQ(pair.client->stats().messages_refused, of.refused);
    pair.client->close();
    ASSERT_TRUE(at_server_.closed(++links));
    EXPECT_EQ(at_server_.at(links - 1).messages.size(), pair.client->stats().messages_sent);
  }
}

TEST_P(accounts, R7_2_udp_a_storm_of_ends_loses_no_count) {
  std::vector<link> pairs;
  for (const backlog_policy policy : policies) {
    connection_options options = tight(policy);
    options.udp.max_datagram_bytes = 500;
    for (int i = 0; i < 2; ++i) {
      pairs.push_back(
          open_pair({.connection = options, .strangers = {.amplification_max = i == 0 ? 3U : 0U}}));
    }
  }
  std::vector<told> of(pairs.size());
  {
    std::vector<std::jthread> running;
    for (int t = 0; t < 2; ++t) {
      running.emplace_back([&] {
        for (int round = 0; round < 4; ++round) {
          for (std::size_t i = 0; i < pairs.size(); ++i) send_all_kinds(*pairs[i].server, of[i], 25);
        }
      });
    }
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      static_cast<void>(pairs[i].server->post([&, i](connection& self) { send_all_kinds(self, of[i], 40); }));
      i % 4 < 2 ? pairs[i].server->close() : pairs[i].server->abort();
    }
  }
  ASSERT_TRUE(at_server_.closed(pairs.size()));
  sums all;
  for (std::size_t i = 0; i < pairs.size(); ++i) expect_accounted(*pairs[i].server, of[i], all);
  expect_sums(server().stats(), all);
}

TEST_P(accounts, R7_2_what_a_group_sends_is_counted_with_the_rest) {
  std::vector<link> pairs;
  group room;
  for (const backlog_policy policy : policies) {
    pairs.push_back(open_link({.client = tight(policy)}));
    pairs.push_back(open_pair({.connection = tight(policy)}));
  }
  const auto sends = [&](std::size_t i) -> connection& {
    return i % 2 == 0 ? *pairs[i].client : *pairs[i].server;
  };
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    ASSERT_TRUE(room.add(sends(i)));
    if (i % 4 == 0) pairs[i].server->pause_receiving();
  }
  std::vector<told> of(pairs.size());
  constexpr std::uint64_t rounds = 100;
  {
    std::jthread other{[&] {
      const message shared = message::make(pattern(90)).value();
      for (std::uint64_t i = 0; i < rounds; ++i) EXPECT_TRUE(room.send(shared));
    }};
    for (std::size_t i = 0; i < pairs.size(); ++i) send_all_kinds(sends(i), of[i], 60);
    for (std::size_t i = 0; i < pairs.size(); ++i) i % 3 == 0 ? sends(i).close() : sends(i).abort();
  }
  ASSERT_TRUE(client().stop());
  ASSERT_TRUE(server().stop());
  std::uint64_t accounted = 0, refused = 0, accepted = 0, told_refused = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const connection_stats end = sends(i).stats();
    EXPECT_EQ(end.backlog_messages + end.backlog_bytes, 0U);
    accounted += ended(end);
    refused += end.messages_refused;
    accepted += of[i].accepted;
    told_refused += of[i].refused;
  }
  EXPECT_EQ(accounted, accepted + room.stats().copies);
  EXPECT_EQ(refused, told_refused + room.stats().refused);
  EXPECT_EQ(room.size(), 0U);
}

TEST_P(accounts, R7_2_a_network_that_goes_loses_what_waits) {
  const link pair = open_link({.client = tight(backlog_policy::refuse)});
  pair.server->pause_receiving();
  told of;
  send_all_kinds(*pair.client, of, 300);
  ASSERT_TRUE(client().stop());
  sums all;
  expect_accounted(*pair.client, of, all);
  EXPECT_EQ(client().stats().messages_lost, all.lost);
}

}  // namespace
}  // namespace naru::test
