// R2.4, R5.4: what strangers may do. Anybody can write any sender's address into a datagram.

#include <memory>
#include <string>
#include <vector>

#include "support/udp_test.hpp"

namespace naru::test {
namespace {

class udp_strangers : public udp_test {
 protected:
  /// What a datagram counts against the backlog at least.
  static constexpr std::size_t charge = 64;

  /// Answers the first message of each renter with ten datagrams of ten bytes.
  static hooks answer_tenfold() {
    return {.received = [](connection& peer, bytes_view) {
      if (peer.stats().messages_received > 1) return;
      for (int i = 0; i < 10; ++i) EXPECT_TRUE(peer.send("answer no" + std::to_string(i)));
    }};
  }
  static std::vector<std::string> answers(int count) {
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i) all.push_back("answer no" + std::to_string(i));
    return all;
  }
};

INSTANTIATE_TEST_SUITE_P(engines, udp_strangers, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(udp_strangers, R5_4_to_a_peer_on_probation_go_three_times_what_it_sent) {
  const endpoint where = lease({}, answer_tenfold());
  const auto mine = connect_udp(where);
  ASSERT_TRUE(mine->send("ten bytes."));
  ASSERT_TRUE(at_client_.received(3));
  const auto renter = at_server_.shell();
  ASSERT_TRUE(eventually([&] { return renter->stats().messages_sent == 3; }));
  EXPECT_EQ(renter->backlog_bytes(), 7 * charge) << "the rest waits";
  EXPECT_EQ(at_client_.at().messages, answers(3));

  ASSERT_TRUE(mine->send("it is me"));
  ASSERT_TRUE(at_client_.received(10));
  EXPECT_EQ(at_client_.at().messages, answers(10)) << "in order";
  EXPECT_EQ(renter->stats().messages_dropped, 0U);
}

TEST_P(udp_strangers, R5_4_what_is_too_large_for_now_keeps_its_place) {
  const endpoint where = lease({}, {.received = [](connection& peer, bytes_view) {
                                 if (peer.stats().messages_received > 1) return;
                                 EXPECT_TRUE(peer.send(pattern(31)));
                                 EXPECT_TRUE(peer.send("small"));
                               }});
  const auto mine = connect_udp(where);
  ASSERT_TRUE(mine->send("ten bytes."));
  ASSERT_TRUE(at_server_.received(1));
  EXPECT_EQ(at_server_.shell()->backlog_bytes(), 2 * charge);
  ASSERT_TRUE(mine->send(""));
  ASSERT_TRUE(at_client_.received(2));
  EXPECT_THAT(at_client_.at().messages, testing::ElementsAre(pattern(31), "small"));
}

TEST_P(udp_strangers, R5_4_the_factor_is_an_option_and_zero_is_no_limit) {
  const endpoint where = lease({.strangers = {.amplification_max = 5}}, answer_tenfold());
  ASSERT_TRUE(connect_udp(where)->send("ten bytes."));
  ASSERT_TRUE(at_client_.received(5));
  const auto renter = at_server_.shell();
  ASSERT_TRUE(eventually([&] { return renter->stats().messages_sent == 5; }));
  EXPECT_EQ(renter->backlog_bytes(), 5 * charge);

  const endpoint generous = lease({.strangers = {.amplification_max = 0}}, answer_tenfold());
  ASSERT_TRUE(connect_udp(generous)->send("x"));
  ASSERT_TRUE(at_client_.received(5 + 10));
  EXPECT_EQ(at_client_.at(1).messages, answers(10));
}

TEST_P(udp_strangers, R5_4_confirm_in_the_handler_releases_what_waits) {
  const endpoint where = lease({}, {.received = [](connection& peer, bytes_view) {
                                 for (int i = 0; i < 5; ++i) {
                                   EXPECT_TRUE(peer.send("answer no" + std::to_string(i)));
                                 }
                                 peer.confirm();
                                 for (int i = 5; i < 10; ++i) {
                                   EXPECT_TRUE(peer.send("answer no" + std::to_string(i)));
                                 }
                               }});
  ASSERT_TRUE(connect_udp(where)->send("login"));
  ASSERT_TRUE(at_client_.received(10));
  EXPECT_EQ(at_client_.at().messages, answers(10));
  EXPECT_EQ(server().stats().udp.on_probation, 0U);
}

TEST_P(udp_strangers, R5_4_confirm_from_another_thread_releases_what_waits) {
  const endpoint where = lease({}, answer_tenfold());
  ASSERT_TRUE(connect_udp(where)->send("ten bytes."));
  ASSERT_TRUE(at_client_.received(3));
  at_server_.shell()->confirm();
  ASSERT_TRUE(at_client_.received(10));
  EXPECT_EQ(at_client_.at().messages, answers(10));
  EXPECT_EQ(server().stats().udp.on_probation, 0U);
}

TEST_P(udp_strangers, R5_4_the_one_longest_on_probation_gives_its_place) {
  const endpoint where = lease({.strangers = {.probation_max = 2}});
  std::vector<link> pairs;
  for (int i = 0; i < 3; ++i) pairs.push_back(open_pair(where));
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(*at_server_.at(0).closed, close_cause::evicted);
  EXPECT_FALSE(pairs[1].server->is_closed());
  EXPECT_FALSE(pairs[2].server->is_closed());
  EXPECT_EQ(server().stats().udp.on_probation, 2U);
  EXPECT_TRUE(eventually([this] { return server().stats().closed_by(close_cause::evicted) == 1; }));

  for (int i = 1; i < 3; ++i) ASSERT_TRUE(pairs[static_cast<std::size_t>(i)].client->send("again"));
  ASSERT_TRUE(at_server_.received(5));
  EXPECT_EQ(server().stats().udp.on_probation, 0U);
  const link newcomer = open_pair(where);
  EXPECT_EQ(server_closed_count(), 1U) << "those who have left probation are not evicted for a stranger";
}

TEST_P(udp_strangers, R5_4_the_connections_of_one_address_are_limited) {
  const endpoint where = lease({.admission = {.connections_per_address_max = 2}}, echo());
  const link first = open_pair(where);
  const link second = open_pair(where);
  const auto third = connect_udp(where);
  ASSERT_TRUE(third->send("too many"));
  ASSERT_TRUE(eventually([this] { return server().stats().refused.by_address == 1; }));
  ASSERT_TRUE(first.client->send("served"));
  ASSERT_TRUE(at_server_.received(3));

  first.server->close();
  ASSERT_TRUE(at_server_.closed());
  ASSERT_TRUE(third->send("there is room"));
  ASSERT_TRUE(at_server_.received(4));
  EXPECT_THAT(at_server_.at(2).messages, testing::ElementsAre("there is room"));
  ASSERT_TRUE(first.client->send("and now there is none"));
  ASSERT_TRUE(eventually([this] { return server().stats().refused.by_address == 2; }));
}

TEST_P(udp_strangers, R5_4_the_statistics_tell_how_many_are_on_probation) {
  const endpoint where = lease();
  std::vector<link> pairs;
  for (int i = 0; i < 4; ++i) pairs.push_back(open_pair(where));
  EXPECT_EQ(server().stats().udp.on_probation, 4U);
  ASSERT_TRUE(pairs[0].client->send("again"));
  ASSERT_TRUE(at_server_.received(5));
  EXPECT_EQ(server().stats().udp.on_probation, 3U);
  pairs[1].server->confirm();
  ASSERT_TRUE(eventually([this] { return server().stats().udp.on_probation == 2; }));
  pairs[0].server->close();
  pairs[2].server->close();
  ASSERT_TRUE(at_server_.closed(2));
  EXPECT_EQ(server().stats().udp.on_probation, 1U);
  EXPECT_EQ(client().stats().udp.on_probation, 0U);
}

TEST_P(udp_strangers, R3_4_confirm_does_nothing_elsewhere) {
  const link pair = open_pair();
  pair.client->confirm();
  ASSERT_TRUE(pair.client->send("still fine"));
  ASSERT_TRUE(at_server_.received(2));
  const endpoint stream = listen(server(), handlers{});
  const auto over_tcp = connect(stream).lock();
  over_tcp->confirm();
  ASSERT_TRUE(at_client_.connected());
  EXPECT_FALSE(over_tcp->is_closed());
}

TEST_P(udp_strangers, R6_4_one_that_is_aborted_by_the_end_of_whoever_makes_room_for_it_ends_too) {
  const endpoint where =
      lease({.admission = {.max_connections = 1}}, {.closed = [this](connection&, close_reason why) {
              const auto newcomer = at_server_.shell(1);
              if (why == close_cause::evicted && newcomer != nullptr) newcomer->abort();
            }});
  const link first = open_pair(where);
  ASSERT_TRUE(first.client->send("second"));
  ASSERT_TRUE(at_server_.received(2));
  const link newcomer = open_pair(where);
  ASSERT_TRUE(newcomer.client->send("second"));
  ASSERT_TRUE(at_server_.closed(2));
  EXPECT_EQ(*at_server_.at(0).closed, close_cause::evicted);
  EXPECT_EQ(*at_server_.at(1).closed, close_cause::local);
  EXPECT_EQ(server().stats().udp.on_probation, 0U);
}

}  // namespace
}  // namespace naru::test
