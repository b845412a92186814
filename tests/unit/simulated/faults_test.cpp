// Each operation fails when it is told to, as often as it is told to, and nothing else does.

#include "engine/simulated/faults.hpp"

#include <memory>
#include <system_error>

#include <gtest/gtest.h>

#include "engine/simulated/simulated_platform.hpp"
#include "support/seam_bench.hpp"

namespace naru::engine::simulated {
namespace {

const std::error_code failure = std::make_error_code(std::errc::io_error);

class faults : public testing::TestWithParam<test::engine_under_test>, public test::seam_bench {
 protected:
  faults() : seam_bench{GetParam().make()} {}
  void fail_next(operation what, unsigned count = 1) {
    environment().world().fail_next(what, failure, count);
  }
  unsigned remaining(operation what) { return environment().world().faults().remaining(what); }
};

INSTANTIATE_TEST_SUITE_P(engines, faults, testing::ValuesIn(test::simulated_engines()), test::engine_name{});

TEST_P(faults, make_engine) {
  fail_next(operation::make_engine);
  EXPECT_EQ(client_platform().make_engine().error(), failure);
  EXPECT_TRUE(client_platform().make_engine());
}

TEST_P(faults, bind_and_listen) {
  fail_next(operation::bind, 2);
  EXPECT_EQ(server_platform().bind_stream(environment().bind_address(), {}).error(), failure);
  EXPECT_EQ(remaining(operation::bind), 1U);
  EXPECT_EQ(server_platform().bind_stream(environment().bind_address(), {}).error(), failure);
  const auto bound = server_platform().bind_stream(environment().bind_address(), {}).value();
  fail_next(operation::listen);
  EXPECT_EQ(server_platform().listen(bound.socket, 1), failure);
  EXPECT_FALSE(server_platform().listen(bound.socket, 1));
}

TEST_P(faults, resolve) {
  fail_next(operation::resolve);
  EXPECT_EQ(client_platform().resolve("localhost", 1).error(), failure);
  EXPECT_TRUE(client_platform().resolve("localhost", 1));
}

TEST_P(faults, accept_from_closes_the_socket) {
  auto bound = server_platform().bind_stream(environment().bind_address(), {}).value();
  EXPECT_FALSE(server_platform().listen(bound.socket, 1));
  fail_next(operation::accept_from);
  test::seam_listener listener;
  EXPECT_EQ(server_engine().accept_from(std::move(bound.socket), listener).error(), failure);
  EXPECT_TRUE(server_platform().bind_stream(bound.local, {}));
}

TEST_P(faults, adopt_closes_the_socket) {
  test::seam_listener& listener = listen();
  test::seam_peer* const client = begin_connect(listener.local);
  ASSERT_TRUE(turn_until([&] { return client->is_connected() && !listener.arrivals.empty(); }));
  client->resume();
  fail_next(operation::adopt);
  test::seam_peer server{test::seam_peer::origin::accepted, chance()};
  auto& arrival = listener.arrivals.front();
  EXPECT_EQ(server_engine().adopt(std::move(arrival.socket), arrival.remote, {}, server).error(), failure);
  EXPECT_TRUE(turn_until([&] { return client->receive_ended(); }));
}

TEST_P(faults, connect_at_once) {
  test::seam_listener& listener = listen();
  fail_next(operation::connect);
  EXPECT_EQ(begin_connect(listener.local), nullptr);
  EXPECT_TRUE(connect(listener).client->is_connected());
}

TEST_P(faults, connect_later) {
  test::seam_listener& listener = listen();
  fail_next(operation::connect_completion);
  test::seam_peer* const client = begin_connect(listener.local);
  ASSERT_TRUE(turn_until([&] { return client->was_answered(); }));
  EXPECT_EQ(client->connect_error(), failure);
  EXPECT_TRUE(listener.arrivals.empty());
}

TEST_P(faults, accept_rests_until_it_is_resumed) {
  test::seam_listener& listener = listen();
  fail_next(operation::accept, 2);
  test::seam_peer* const client = begin_connect(listener.local);
  for (const std::size_t failures : {1U, 2U}) {
    ASSERT_TRUE(turn_until([&] { return listener.failures.size() == failures; }));
    turn_for_a_while();
    EXPECT_EQ(listener.failures.size(), failures) << "it does not rest";
    EXPECT_TRUE(listener.arrivals.empty());
    listener.acceptor->resume();
  }
  EXPECT_TRUE(turn_until([&] { return !listener.arrivals.empty(); }));
  EXPECT_TRUE(turn_until([&] { return client->is_connected(); }));
}

TEST_P(faults, send_at_once) {
  const link pair = connect();
  fail_next(operation::send);
  pair.client->send("never");
  ASSERT_TRUE(turn_until([&] { return static_cast<bool>(pair.client->send_error()); }));
  EXPECT_EQ(pair.client->send_error(), failure);
  turn_for_a_while();
  EXPECT_EQ(pair.server->received(), "");
}

TEST_P(faults, send_when_it_completes) {
  const link pair = connect();
  fail_next(operation::send_completion);
  pair.client->send(std::string(1000, 'x'));
  ASSERT_TRUE(turn_until([&] { return static_cast<bool>(pair.client->send_error()); }));
  EXPECT_EQ(pair.client->send_error(), failure);
  EXPECT_LT(pair.client->sent(), 1000U);
}

TEST_P(faults, receive_on_a_stream_at_rest) {
  const link pair = connect();
  turn_for_a_while();
  fail_next(operation::receive);
  ASSERT_TRUE(turn_until([&] { return pair.client->receive_ended() || pair.server->receive_ended(); }));
  const test::seam_peer& failed = pair.client->receive_ended() ? *pair.client : *pair.server;
  const test::seam_peer& healthy = pair.client->receive_ended() ? *pair.server : *pair.client;
  EXPECT_EQ(failed.receive_error(), failure);
  EXPECT_FALSE(healthy.receive_ended());
}

TEST(fault_plan, what_one_platform_is_told_does_not_concern_another) {
  const auto shared = std::make_shared<world>();
  simulated_platform first{shared};
  simulated_platform second{shared};
  first.fail_next(operation::make_engine, failure);
  EXPECT_TRUE(second.make_engine());
  EXPECT_FALSE(first.make_engine());
  EXPECT_EQ(first.faults().remaining(operation::make_engine), 0U);
}

TEST(fault_plan, a_second_order_replaces_the_first) {
  fault_plan plan;
  plan.fail_next(operation::send, failure, 5);
  plan.fail_next(operation::send, std::make_error_code(std::errc::no_buffer_space), 1);
  EXPECT_EQ(plan.take(operation::send), std::errc::no_buffer_space);
  EXPECT_FALSE(plan.take(operation::send));
  EXPECT_FALSE(plan.take(operation::receive));
}

}  // namespace
}  // namespace naru::engine::simulated
