// R2.5: a UDP listener is drained.

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "support/udp_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class udp_draining : public udp_test {};

INSTANTIATE_TEST_SUITE_P(engines, udp_draining, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(udp_draining, all_its_renters_have_ended_when_it_returns_and_others_live) {
  network& wide = start_network(2);
  const endpoint other = lease(wide, environment_->bind_address(), {}, echo());
  const link bystander = open_pair(other);
  const endpoint where = lease(wide, environment_->bind_address());
  const socket_id id = leased_socket();
  std::vector<link> pairs;
  for (int i = 0; i < 10; ++i) pairs.push_back(open_pair(where));

  ASSERT_TRUE(wide.drain(id, patience));
  EXPECT_EQ(server_closed_count(), 10U);
  for (std::size_t i = 1; i <= 10; ++i) EXPECT_EQ(*at_server_.at(i).closed, close_cause::lessor_closed);
  EXPECT_TRUE(at_server_.listener_closed(id));
  EXPECT_EQ(wide.stats().open, 1U);
  EXPECT_EQ(error_of(wide.drain(id)), errc::unknown_socket);
  EXPECT_TRUE(wide.bind(udp, where)) << "the port is free";

  ASSERT_TRUE(bystander.client->send("served still"));
  EXPECT_TRUE(at_client_.received(2));
  for (link& each : pairs) each.client->close();
}

TEST_P(udp_draining, what_is_queued_is_sent) {
  const endpoint where = lease({.strangers = {.amplification_max = 0}});
  const link pair = open_pair(where);
  std::vector<std::string> sent;
  for (int i = 0; i < 20; ++i) {
    sent.push_back("datagram " + std::to_string(i));
    ASSERT_TRUE(pair.server->send(sent.back()));
  }
  ASSERT_TRUE(server().drain(leased_socket(), patience));
  EXPECT_EQ(at_server_.at().closed->error, std::error_code{});
  ASSERT_TRUE(at_client_.received(sent.size()));
  EXPECT_EQ(at_client_.at().messages, sent);
}

TEST_P(udp_draining, one_that_nobody_has_talked_to_ends_at_once) {
  const endpoint where = lease();
  ASSERT_TRUE(server().drain(leased_socket(), 1h));
  EXPECT_TRUE(at_server_.listener_closed(leased_socket()));
  EXPECT_TRUE(server().bind(udp, where));
}

TEST_P(udp_draining, a_socket_that_does_not_listen_is_just_closed) {
  const socket_id id = server().bind(udp, environment_->bind_address()).value();
  const endpoint where = server().local_endpoint(id).value();
  ASSERT_TRUE(server().drain(id, 1h));
  EXPECT_TRUE(server().bind(udp, where));
}

TEST_P(udp_draining, in_a_handler_it_is_an_error) {
  event asked;
  std::error_code inside;
  const endpoint where = lease({}, {.received = [&](connection&, bytes_view) {
                                 inside = error_of(server().drain(leased_socket()));
                                 asked.set();
                               }});
  ASSERT_TRUE(connect_udp(where)->send("drain it"));
  ASSERT_TRUE(asked.wait());
  EXPECT_EQ(inside, errc::own_worker);
  EXPECT_TRUE(server().local_endpoint(leased_socket()));
}

TEST_P(udp_draining, a_polled_network_is_turned_by_it) {
  network& polled = start_network(network_options{.workers = 0});
  const endpoint where = lease(polled, environment_->bind_address());
  ASSERT_TRUE(connect_udp(where)->send("hello"));
  ASSERT_TRUE(turn_until(polled, [this] { return !at_server_.all().empty(); }));
  ASSERT_TRUE(polled.drain(leased_socket(), patience));
  EXPECT_EQ(server_closed_count(), 1U);
  EXPECT_TRUE(at_server_.listener_closed(leased_socket()));
}

TEST_P(udp_draining, a_stop_beside_it_ends_both) {
  const endpoint where = lease();
  const link pair = open_pair(where);
  auto drained =
      std::async(std::launch::async, [this] { return error_of(server().drain(leased_socket(), 1h)); });
  ASSERT_TRUE(server().stop());
  const std::error_code outcome = drained.get();
  EXPECT_TRUE(!outcome || outcome == errc::not_running) << outcome.message();
  EXPECT_EQ(server_closed_count(), 1U);
}

/// With a system that takes nothing for a while, and time that passes when the test says so.
class udp_draining_time : public udp_time_test {};

INSTANTIATE_TEST_SUITE_P(manual_time, udp_draining_time, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(udp_draining_time, what_waits_for_a_peer_to_leave_probation_waits_no_longer) {
  const endpoint where = lease({.connection = {.linger_timeout = 1h}});
  const link pair = open_pair(where);
  ASSERT_TRUE(pair.server->send(pattern(1000)));
  settle();
  ASSERT_GT(pair.server->backlog_bytes(), 0U);
  ASSERT_TRUE(server().drain(leased_socket(), 1h));
  ASSERT_TRUE(server_closed());
  EXPECT_EQ(*at_server_.at().closed, close_cause::lessor_closed);
}

}  // namespace
}  // namespace naru::test
