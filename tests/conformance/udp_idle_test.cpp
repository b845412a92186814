// R6.4: idle_timeout, to the moment. In a simulated world, whose time passes when the test says so.

#include <string>

#include "support/udp_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class udp_idle : public udp_time_test {
 protected:
  static connection_options idle_after(std::chrono::milliseconds time) {
    return {.udp = {.idle_timeout = time}};
  }
  static connect_options for_ever() { return {.connection = idle_after(0ms)}; }
};

INSTANTIATE_TEST_SUITE_P(manual_time, udp_idle, testing::Values(simulated_engines().front()), engine_name{});

TEST_P(udp_idle, R6_4_a_silent_renter_ends) {
  const link pair = open_pair(lease({.connection = idle_after(10s)}), for_ever());
  pass(9'900ms);
  EXPECT_FALSE(server_closed());
  pass(200ms);
  ASSERT_TRUE(server_closed());
  EXPECT_EQ(*at_server_.at().closed, close_cause::idle);
  EXPECT_EQ(at_server_.at().closed->error, std::error_code{});
  EXPECT_EQ(server().stats().closed_by(close_cause::idle), 1U);
  EXPECT_EQ(server().stats().udp.on_probation, 0U);
  EXPECT_EQ(server().stats().open, 0U);
  EXPECT_FALSE(client_closed());
}

TEST_P(udp_idle, R6_4_a_silent_peer_ends_a_connected_one) {
  const link pair = open_pair(lease({.connection = idle_after(0ms)}), {.connection = idle_after(10s)});
  pass(9'900ms);
  EXPECT_FALSE(client_closed());
  pass(200ms);
  ASSERT_TRUE(client_closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::idle);
  EXPECT_EQ(client().stats().open, 0U);
}

TEST_P(udp_idle, R6_4_each_datagram_puts_it_off) {
  const link pair =
      open_pair(lease({.connection = idle_after(10s)}, echo()), {.connection = idle_after(10s)});
  for (int step = 0; step < 6; ++step) {
    pass(9s);
    ASSERT_FALSE(server_closed()) << "step " << step;
    ASSERT_FALSE(client_closed()) << "step " << step;
    ASSERT_TRUE(pair.client->send(""));  // an empty one is a datagram like any other
  }
  pass(9'900ms);
  EXPECT_FALSE(server_closed());
  EXPECT_FALSE(client_closed());
  pass(200ms);
  EXPECT_TRUE(server_closed());
  EXPECT_TRUE(client_closed());
}

TEST_P(udp_idle, R6_4_zero_is_for_ever) {
  const link pair = open_pair(lease({.connection = idle_after(0ms)}), for_ever());
  pass(std::chrono::days{400});
  EXPECT_FALSE(server_closed());
  EXPECT_FALSE(client_closed());
  ASSERT_TRUE(pair.client->send("still there"));
  EXPECT_TRUE(at_server_.received(2));
}

TEST_P(udp_idle, R6_4_sending_alone_does_not_put_it_off) {
  const link pair = open_pair(lease({.connection = idle_after(10s)}), for_ever());
  for (int step = 0; step < 3; ++step) {
    pass(3s);
    ASSERT_TRUE(pair.server->send("x"));
  }
  pass(1'100ms);
  ASSERT_TRUE(server_closed());
  EXPECT_EQ(*at_server_.at().closed, close_cause::idle);
  EXPECT_EQ(at_client_.at().messages.size(), 3U);
}

TEST_P(udp_idle, R6_4_the_silent_ones_end_and_the_others_stay) {
  const endpoint where = lease({.connection = idle_after(10s)});
  const link silent = open_pair(where, for_ever());
  const link on_probation = open_pair(where, for_ever());
  const link lively = open_pair(where, for_ever());
  for (const link* each : {&silent, &lively}) ASSERT_TRUE(each->client->send("out of probation"));
  ASSERT_TRUE(at_server_.received(5));
  pass(6s);
  ASSERT_TRUE(lively.client->send("still here"));
  pass(4'100ms);
  EXPECT_TRUE(server_closed(0));
  EXPECT_TRUE(server_closed(1));
  EXPECT_FALSE(server_closed(2));
  pass(6s);
  EXPECT_TRUE(server_closed(2));
}

TEST_P(udp_idle, R6_4_a_silent_peer_on_probation_ends_although_an_older_one_there_talks) {
  // The only place outside probation is taken by a peer that is confirmed.
  const endpoint where = lease({.connection = idle_after(10s), .admission = {.max_connections = 1}});
  const link known = open_pair(where, for_ever());
  known.server->confirm();
  settle();
  const link talking = open_pair(where, for_ever());
  const link silent = open_pair(where, for_ever());
  for (int step = 0; step < 4; ++step) {
    pass(4s);
    ASSERT_TRUE(talking.client->send("talk"));
    ASSERT_TRUE(known.client->send("talk"));
  }
  settle();
  EXPECT_FALSE(server_closed(0));
  EXPECT_FALSE(server_closed(1));
  EXPECT_TRUE(server_closed(2)) << "it has said nothing for sixteen seconds";
}

TEST_P(udp_idle, R6_4_a_confirmation_is_not_a_datagram) {
  const endpoint where = lease({.connection = idle_after(10s)});
  const link early = open_pair(where, for_ever());
  pass(8s);
  const link late = open_pair(where, for_ever());
  late.server->confirm();
  settle();
  early.server->confirm();  // it has been silent for longer than the other one all the same
  pass(2'100ms);
  EXPECT_TRUE(server_closed(0));
  EXPECT_FALSE(server_closed(1));
  pass(8s);
  EXPECT_TRUE(server_closed(1));
}

}  // namespace
}  // namespace naru::test
