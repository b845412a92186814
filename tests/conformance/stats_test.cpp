// Statistics add up.

#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

class statistics : public network_test {};

INSTANTIATE_TEST_SUITE_P(engines, statistics, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(statistics, a_connection_counts_its_messages_and_bytes_framing_included) {
  const link pair = open_link();
  std::size_t bytes = 0;
  for (std::size_t size : {0UL, 1UL, 100UL, 1000UL}) {
    ASSERT_TRUE(pair.client->send(pattern(size)));
    bytes += 4 + size;
  }
  ASSERT_TRUE(at_server_.received(4));
  ASSERT_TRUE(eventually([&] { return pair.client->stats().messages_sent == 4; }));
  const connection_stats client_stats = pair.client->stats();
  EXPECT_EQ(client_stats.bytes_sent, bytes);
  EXPECT_EQ(client_stats.bytes_received, 0U);
  EXPECT_EQ(client_stats.messages_received, 0U);
  EXPECT_EQ(client_stats.backlog_bytes, 0U);
  EXPECT_GE(client_stats.backlog_bytes_highest, 4U);
  EXPECT_LE(client_stats.backlog_bytes_highest, bytes);
  ASSERT_TRUE(eventually([&] { return pair.server->stats().messages_received == 4; }));
  EXPECT_EQ(pair.server->stats().bytes_received, bytes);
  EXPECT_EQ(pair.server->stats().messages_sent, 0U);
}

TEST_P(statistics, the_highest_backlog_is_remembered) {
  network& polled = start_network(network_options{.workers = 0});
  at_client_.expect_connection();
  const auto mine = connect(polled, listen(), at_client_.make_handlers()).lock();
  ASSERT_TRUE(mine->send(pattern(96)));
  ASSERT_TRUE(mine->send(pattern(96)));
  EXPECT_EQ(mine->stats().backlog_bytes, 200U);
  while (mine->backlog_bytes() != 0) ASSERT_TRUE(polled.poll(std::chrono::milliseconds{10}));
  EXPECT_EQ(mine->stats().backlog_bytes, 0U);
  EXPECT_EQ(mine->stats().backlog_bytes_highest, 200U);
}

TEST_P(statistics, a_network_adds_up_its_connections_also_those_that_are_gone) {
  const endpoint where =
      listen({}, {.received = [](connection& peer, bytes_view message) { EXPECT_TRUE(peer.send(message)); }});
  constexpr std::size_t count = 10;
  for (std::size_t i = 0; i < count; ++i) ASSERT_TRUE(connect(where).lock()->send("12345678"));
  ASSERT_TRUE(at_client_.received(count));
  EXPECT_EQ(client().stats().open, count);
  EXPECT_EQ(server().stats().open, count);
  for (std::size_t i = 0; i < count; i += 2) at_client_.shell(i)->close();
  ASSERT_TRUE(at_client_.closed(count / 2));
  ASSERT_TRUE(at_server_.closed(count / 2));
  connect(deserted_endpoint());
  ASSERT_TRUE(at_client_.closed(count / 2 + 1));

  ASSERT_TRUE(eventually([this] { return client().stats().open == 5 && server().stats().open == 5; }));
  const network_stats here = client().stats();
  const network_stats there = server().stats();
  EXPECT_EQ(here.connected, count);
  EXPECT_EQ(here.accepted, 0U);
  EXPECT_EQ(there.accepted, count);
  EXPECT_EQ(there.connected, 0U);
  EXPECT_EQ(there.accept_failures, 0U);
  EXPECT_EQ(here.closed_by(close_cause::local), 5U);
  EXPECT_EQ(here.closed_by(close_cause::connect_failed), 1U);
  EXPECT_EQ(there.closed_by(close_cause::peer), 5U);
  EXPECT_EQ(std::accumulate(here.closed.begin(), here.closed.end(), std::uint64_t{0}), 6U);
  for (const network_stats& side : {here, there}) {
    EXPECT_EQ(side.bytes_received, count * 12);
    EXPECT_EQ(side.bytes_sent, count * 12);
    EXPECT_EQ(side.messages_received, count);
    EXPECT_EQ(side.messages_sent, count);
  }
}

TEST_P(statistics, what_a_closing_connection_throws_away_is_not_a_message) {
  const link pair =
      open_link({.at_server = {.received = [](connection& peer, bytes_view) { peer.close(); }}});
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(pair.client->send("one of ten") || pair.client->is_closed());
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(server().stats().messages_received, 1U);
}

TEST_P(statistics, every_cause_has_a_name) {
  std::vector<std::string> names;
  for (std::size_t value = 0; value < close_cause_count; ++value) {
    names.emplace_back(to_string(static_cast<close_cause>(value)));
    EXPECT_FALSE(names.back().empty());
  }
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), close_cause_count);
}

}  // namespace
}  // namespace naru::test
