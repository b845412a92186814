// R4.2: a peer that does not read, under each policy, on every engine.

#include <string>
#include <vector>

#include "support/pressure.hpp"

namespace naru::test {
namespace {

class slow_peer : public network_test {
 protected:
  static constexpr std::size_t limit = 8016;

  static connection_options limited(backlog_policy policy) {
    return {.max_message_bytes = 2000, .backlog_bytes_max = limit, .when_backlog_full = policy};
  }

  /// Sends until so many were dropped or refused. Answers what was accepted.
  static std::vector<std::string> overfill(connection& peer) {
    std::vector<std::string> accepted;
    for (std::size_t i = 0, refused = 0; refused < 20 && peer.stats().messages_dropped < 20; ++i) {
      std::string message = numbered(i, 2000);
      if (const auto sent = peer.send(message)) {
        accepted.push_back(std::move(message));
      } else {
        EXPECT_EQ(sent.error(), errc::backlog_full);
        ++refused;
      }
      EXPECT_LE(peer.backlog_bytes(), limit);
    }
    return accepted;
  }

  /// What the server got in the end is what was accepted without what was dropped, and ends with the newest.
  void expect_whole_messages(link& pair, const std::vector<std::string>& accepted) {
    pair.server->resume_receiving();
    // What is on its way to the worker counts for itself, and finds no room there where all is on its way.
    ASSERT_TRUE(eventually([&] {
      const connection_stats now = pair.client->stats();
      return now.messages_sent + now.messages_dropped == accepted.size();
    }));
    ASSERT_TRUE(pair.client->send("the newest"));
    pair.client->close();
    ASSERT_TRUE(at_server_.closed());
    ASSERT_TRUE(at_client_.closed());
    std::vector<std::string> all = accepted;
    all.emplace_back("the newest");
    const std::vector<std::string> got = at_server_.at().messages;
    EXPECT_TRUE(are_some_of(got, all));
    ASSERT_FALSE(got.empty());
    EXPECT_EQ(got.back(), all.back());
    const connection_stats end = pair.client->stats();
    EXPECT_EQ(end.messages_sent, got.size());
    EXPECT_EQ(end.messages_sent + end.messages_dropped, all.size());
    EXPECT_EQ(end.messages_lost, 0U);
    EXPECT_LE(end.backlog_bytes_highest, limit);
  }
};

INSTANTIATE_TEST_SUITE_P(engines, slow_peer, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(slow_peer, R4_2_drop_oldest_loses_whole_messages_and_keeps_the_newest) {
  link pair = open_link({.client = limited(backlog_policy::drop_oldest)});
  pair.server->pause_receiving();
  const std::vector<std::string> accepted = overfill(*pair.client);
  EXPECT_FALSE(pair.client->is_closed());
  expect_whole_messages(pair, accepted);
}

TEST_P(slow_peer, R4_2_likewise_what_a_handler_sends) {
  link pair = open_link({.client = limited(backlog_policy::drop_oldest)});
  pair.server->pause_receiving();
  std::vector<std::string> accepted;
  ASSERT_TRUE(run_inside(*pair.client, [&](connection& self) { accepted = overfill(self); }));
  expect_whole_messages(pair, accepted);
}

TEST_P(slow_peer, R4_2_refuse_loses_nothing_that_was_accepted) {
  link pair = open_link({.client = limited(backlog_policy::refuse)});
  pair.server->pause_receiving();
  std::vector<std::string> accepted;
  ASSERT_TRUE(run_inside(*pair.client, [&](connection& self) { accepted = overfill(self); }));
  EXPECT_EQ(pair.client->stats().messages_refused, 20U);
  EXPECT_EQ(pair.client->stats().messages_dropped, 0U);
  expect_whole_messages(pair, accepted);
}

TEST_P(slow_peer, R4_2_a_backlog_is_high_and_drained_by_turns) {
  connection_options options = limited(backlog_policy::refuse);
  options.backlog_high_bytes = 4000;
  options.backlog_low_bytes = 1000;
  const link pair = open_link({.client = options});
  for (int round = 0; round < 3; ++round) {
    pair.server->pause_receiving();
    const std::size_t highs = at_client_.at().backlog_highs;
    // The system may take all of it more than once.
    ASSERT_TRUE(eventually([&] {
      static_cast<void>(overfill(*pair.client));
      return at_client_.at().backlog_highs > highs;
    }));
    pair.server->resume_receiving();
    ASSERT_TRUE(eventually([&] {
      const record now = at_client_.at();
      return pair.client->backlog_bytes() == 0 && now.drains == now.backlog_highs;
    }));
  }
}

TEST_P(slow_peer, R4_2_an_echo_whose_peer_does_not_read_loses_nothing) {
  const std::size_t count = 64;
  const std::size_t size = bulk_bytes() / count;
  const std::size_t most = 8 * (size + 4);
  const link pair =
      open_link({.server = {.max_message_bytes = size,
                            .backlog_bytes_max = most,
                            .when_backlog_full = backlog_policy::pause_reading},
                 .client = {.max_message_bytes = size, .backlog_bytes_max = 2 * count * size + 4096},
                 .at_server = {.received = [](connection& peer, bytes_view message) {
                   EXPECT_TRUE(peer.send(message));
                 }}});
  pair.client->pause_receiving();
  std::vector<std::string> sent;
  for (std::size_t i = 0; i < count; ++i) {
    sent.push_back(numbered(i, size));
    ASSERT_TRUE(pair.client->send(sent.back()));
  }
  ASSERT_TRUE(eventually([&] { return pair.server->stats().reading_paused > 0; }));
  pair.client->resume_receiving();
  ASSERT_TRUE(at_client_.received(count));
  EXPECT_TRUE(at_client_.at().messages == sent);
  EXPECT_LE(pair.server->stats().backlog_bytes_highest, most);
  EXPECT_EQ(pair.server->stats().messages_refused, 0U);
}

}  // namespace
}  // namespace naru::test
