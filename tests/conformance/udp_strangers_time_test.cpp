// R2.4, R5.4: who has to go when there are too many, and how many come in within a second. In a simulated
// world, whose time passes when the test says so, and in which one can see that nothing more comes.

#include <memory>
#include <string>
#include <vector>

#include "support/udp_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class udp_strangers_time : public udp_time_test {
 protected:
  static listen_options with(const stranger_options& strangers, const admission_options& admission = {}) {
    return {.connection = {.udp = {.idle_timeout = 0ms}}, .admission = admission, .strangers = strangers};
  }

  /// One that has sent a second datagram as well.
  link open_known(const endpoint& where) {
    link made = open_pair(where);
    EXPECT_TRUE(made.client->send("second"));
    pass(1s);
    return made;
  }
  std::size_t on_probation() { return server().stats().udp.on_probation; }
};

INSTANTIATE_TEST_SUITE_P(manual_time, udp_strangers_time, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(udp_strangers_time, R5_4_empty_datagrams_count_too) {
  const endpoint where = lease({}, {.received = [](connection& peer, bytes_view) {
                                 if (peer.stats().messages_received > 1) return;
                                 for (int i = 0; i < 10; ++i) EXPECT_TRUE(peer.send(""));
                               }});
  const auto mine = connect_udp(where);
  ASSERT_TRUE(mine->send("x"));
  settle();
  EXPECT_EQ(at_client_.at().messages.size(), 3U) << "each of them has headers that travel";
  ASSERT_TRUE(mine->send("it is me"));
  settle();
  EXPECT_EQ(at_client_.at().messages.size(), 10U);
}

TEST_P(udp_strangers_time, R5_4_to_one_that_sent_no_bytes_no_bytes_go) {
  const endpoint where = lease({}, {.received = [](connection& peer, bytes_view message) {
                                 EXPECT_TRUE(peer.send(message));
                                 if (message.empty()) {
                                   EXPECT_TRUE(peer.send("x"));
                                 }
                               }});
  const auto mine = connect_udp(where);
  ASSERT_TRUE(mine->send(""));
  settle();
  EXPECT_THAT(at_client_.at().messages, testing::ElementsAre(""));
  ASSERT_TRUE(mine->send("me"));
  settle();
  EXPECT_THAT(at_client_.at().messages, testing::ElementsAre("", "x", "me"));
}

TEST_P(udp_strangers_time, R5_4_the_one_that_is_silent_for_longest_goes) {
  const endpoint where = lease(with({}, {.max_connections = 2}));
  const link first = open_known(where);
  const link second = open_known(where);
  ASSERT_TRUE(first.client->send("not silent"));
  pass(1s);
  const link third = open_pair(where);
  EXPECT_EQ(server_closed_count(), 0U) << "one on probation needs no place";
  ASSERT_TRUE(third.client->send("second"));
  settle();
  EXPECT_FALSE(server_closed(0));
  ASSERT_TRUE(server_closed(1));
  EXPECT_EQ(*at_server_.at(1).closed, close_cause::evicted);
  EXPECT_FALSE(server_closed(2));
  EXPECT_EQ(on_probation(), 0U);
}

TEST_P(udp_strangers_time, R5_4_a_confirmed_one_never_goes) {
  const endpoint where = lease(with({}, {.max_connections = 2}));
  const link confirmed = open_known(where);
  confirmed.server->confirm();
  const link lively = open_known(where);
  const link third = open_known(where);
  EXPECT_FALSE(server_closed(0)) << "although it has been silent for longer";
  EXPECT_TRUE(server_closed(1));
  EXPECT_FALSE(server_closed(2));
}

TEST_P(udp_strangers_time, R5_4_with_all_confirmed_a_newcomer_is_served_on_probation) {
  const endpoint where = lease(with({}, {.max_connections = 2}), echo());
  const link first = open_known(where);
  const link second = open_known(where);
  first.server->confirm();
  second.server->confirm();
  settle();
  const link third = open_known(where);
  ASSERT_TRUE(third.client->send("third"));
  settle();
  EXPECT_EQ(server_closed_count(), 0U);
  EXPECT_EQ(on_probation(), 1U);
  EXPECT_EQ(at_client_.at(2).messages.size(), 3U);

  first.server->close();
  settle();
  ASSERT_TRUE(third.client->send("fourth"));
  settle();
  EXPECT_EQ(on_probation(), 0U) << "there is room";
}

TEST_P(udp_strangers_time, R5_4_so_many_leave_probation_in_a_second) {
  const endpoint where = lease(with({.admissions_per_second = 2}));
  std::vector<link> pairs;
  for (int i = 0; i < 5; ++i) pairs.push_back(open_pair(where));
  const auto all_send = [&] {
    for (const link& each : pairs) ASSERT_TRUE(each.client->send("again"));
    settle();
  };
  all_send();
  EXPECT_EQ(on_probation(), 3U);
  pass(400ms);
  all_send();
  EXPECT_EQ(on_probation(), 3U);
  pass(150ms);
  all_send();
  EXPECT_EQ(on_probation(), 2U);
  pass(5s);
  all_send();
  EXPECT_EQ(on_probation(), 0U);
  EXPECT_EQ(server_closed_count(), 0U);
}

TEST_P(udp_strangers_time, R5_4_who_stays_on_probation_for_want_of_room_uses_up_no_admission) {
  const endpoint where = lease(with({.admissions_per_second = 2}, {.max_connections = 1}));
  const link known = open_pair(where);
  known.server->confirm();
  settle();
  const link insistent = open_pair(where);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(insistent.client->send("let me in"));
  settle();
  ASSERT_EQ(on_probation(), 1U);
  known.server->close();
  settle();
  ASSERT_TRUE(insistent.client->send("there is room now"));
  settle();
  EXPECT_EQ(on_probation(), 0U) << "nobody at all has been admitted in this second";
}

TEST_P(udp_strangers_time, R5_4_a_confirmation_needs_no_admission) {
  const endpoint where = lease(with({.admissions_per_second = 1}));
  std::vector<link> pairs;
  for (int i = 0; i < 5; ++i) pairs.push_back(open_pair(where));
  for (const link& each : pairs) each.server->confirm();
  settle();
  EXPECT_EQ(on_probation(), 0U);
}

TEST_P(udp_strangers_time, R5_4_other_addresses_have_counts_of_their_own) {
  const endpoint any = lease(server(), endpoint::any_ipv6(0), with({}, {.connections_per_address_max = 1}));
  const auto ipv4 = connect_udp(endpoint::loopback_ipv4(any.port()));
  const auto ipv6 = connect_udp(endpoint::loopback_ipv6(any.port()));
  const auto another = connect_udp(endpoint::loopback_ipv6(any.port()));
  for (const auto& each : {ipv4, ipv6, another}) {
    ASSERT_TRUE(each->send("hello"));
    settle();
  }
  EXPECT_EQ(at_server_.all().size(), 2U);
  EXPECT_EQ(server().stats().refused.by_address, 1U);
}

TEST_P(udp_strangers_time, R5_4_an_evicted_peer_comes_back_as_a_stranger) {
  const endpoint where = lease(with({.probation_max = 1}), echo());
  const link first = open_pair(where);
  const link second = open_pair(where);
  settle();
  ASSERT_TRUE(server_closed(0));
  ASSERT_TRUE(first.client->send("back"));
  settle();
  EXPECT_TRUE(server_closed(1)) << "whose place it takes";
  ASSERT_EQ(at_server_.all().size(), 3U);
  EXPECT_THAT(at_server_.at(2).messages, testing::ElementsAre("back"));
  EXPECT_THAT(at_client_.at(0).messages, testing::ElementsAre("first", "back"));
  EXPECT_EQ(on_probation(), 1U);
}

}  // namespace
}  // namespace naru::test
