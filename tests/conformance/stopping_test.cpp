// R2.2: stop, and destruction. Guarantee 2: every connection has had its on_closed when stop returns.

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class stopping : public network_test {};

INSTANTIATE_TEST_SUITE_P(engines, stopping, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(stopping, every_connection_has_had_its_on_closed_when_stop_returns) {
  std::atomic<int> ended = 0;
  const endpoint where = listen({}, {.closed = [&](connection&, close_reason why) {
                                  EXPECT_EQ(why, close_cause::network_stopped);
                                  ++ended;
                                }});
  for (int i = 0; i < 20; ++i) connect(where);
  ASSERT_TRUE(at_server_.connected(20));
  const std::shared_ptr<connection> kept = at_server_.shell();

  ASSERT_TRUE(server().stop());

  EXPECT_EQ(ended, 20);
  EXPECT_TRUE(kept->is_closed());
  EXPECT_EQ(error_of(kept->send("late")), errc::closed);
  EXPECT_EQ(server().stats().open, 0U);
  EXPECT_TRUE(at_client_.closed(20)) << "the peers notice";
}

TEST_P(stopping, a_stop_with_grace_sends_what_is_queued) {
  const std::size_t bytes = std::min(bulk_bytes(), std::size_t{4} << 20);
  const link pair = open_link({.server = {.frames = framing::raw()}, .client = {.frames = framing::raw()}});
  pair.server->pause_receiving();
  const std::string sent = pattern(bytes);
  for (std::size_t i = 0; i < bytes; i += 50'000) {
    ASSERT_TRUE(pair.client->send(std::string_view{sent}.substr(i, 50'000)));
  }
  pair.server->resume_receiving();

  ASSERT_TRUE(client().stop(patience));

  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(at_server_.at().stream(), sent);
  EXPECT_EQ(at_server_.at().closed->cause, close_cause::peer);
  EXPECT_EQ(at_client_.at().closed->cause, close_cause::network_stopped);
}

TEST_P(stopping, a_stop_without_grace_does_not_wait_for_a_peer_that_never_ends) {
  const link pair = open_link({.server = {.half_open = true}, .client = {.linger_timeout = 1h}});

  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(client().stop());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, patience / 2);
  EXPECT_EQ(at_client_.at().closed->cause, close_cause::network_stopped);
}

TEST_P(stopping, a_connection_that_was_being_closed_ends_as_local) {
  const link pair = open_link({.server = {.half_open = true}, .client = {.linger_timeout = 1h}});
  pair.client->close();
  ASSERT_TRUE(at_server_.peer_ended());

  ASSERT_TRUE(client().stop());
  EXPECT_EQ(at_client_.at().closed->cause, close_cause::local) << "the first cause counts";
}

TEST_P(stopping, stop_in_a_handler_is_an_error_and_stops_nothing) {
  event asked;
  std::error_code in_received;
  const link pair = open_link({.at_server = {.received = [&](connection&, bytes_view) {
                                 in_received = error_of(server().stop());
                                 asked.set();
                               }}});
  ASSERT_TRUE(pair.client->send("stop it"));
  ASSERT_TRUE(asked.wait());

  EXPECT_EQ(in_received, errc::own_worker);
  EXPECT_TRUE(server().is_running());
  EXPECT_FALSE(pair.server->is_closed());
  ASSERT_TRUE(pair.server->send("still here"));
  EXPECT_TRUE(at_client_.received(1));
}

TEST_P(stopping, a_handler_may_stop_another_network) {
  event stopped;
  const link pair = open_link({.at_server = {.received = [&](connection&, bytes_view) {
                                 EXPECT_TRUE(client().stop());
                                 stopped.set();
                               }}});
  ASSERT_TRUE(pair.client->send("stop the other"));
  ASSERT_TRUE(stopped.wait());
  EXPECT_TRUE(at_client_.closed());
}

TEST_P(stopping, stops_that_run_side_by_side_all_wait_for_the_end) {
  const endpoint where = listen();
  for (int i = 0; i < 10; ++i) connect(where);
  ASSERT_TRUE(at_server_.connected(10));

  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      EXPECT_TRUE(server().stop(10ms));
      EXPECT_FALSE(server().is_running());
      for (const record& entry : at_server_.all()) EXPECT_TRUE(entry.closed.has_value());
    });
  }
}

TEST_P(stopping, a_network_destroyed_in_its_own_handler_logs_an_error_and_ends_without_a_deadlock) {
  auto doomed = make_network({.workers = 1, .log = log_.handler()});
  ASSERT_TRUE(doomed->start());
  event destroyed;
  const endpoint where = listen(*doomed, at_server_.make_handlers({.received = [&](connection&, bytes_view) {
    doomed.reset();
    destroyed.set();
  }}));
  const auto peer = connect(where).lock();
  ASSERT_TRUE(at_server_.connected());
  ASSERT_TRUE(peer->send("destroy it"));

  ASSERT_TRUE(destroyed.wait());
  EXPECT_TRUE(at_server_.closed());
  EXPECT_TRUE(eventually([this] { return at_server_.at().shell.expired(); }));
  EXPECT_TRUE(
      eventually([this] { return !log_.lines().empty() && log_.lines().back().level == log_level::error; }));
}

TEST_P(stopping, stop_ends_connections_that_are_still_connecting) {
  network& polled = start_network(network_options{.workers = 0});
  at_client_.expect_connection();
  const auto attempt = connect(polled, listen(), at_client_.make_handlers()).lock();
  ASSERT_TRUE(attempt->send("never sent"));

  ASSERT_TRUE(polled.stop());

  const record seen = at_client_.at();
  EXPECT_FALSE(seen.connected);
  ASSERT_TRUE(seen.closed);
  EXPECT_EQ(seen.closed->cause, close_cause::network_stopped);
}

}  // namespace
}  // namespace naru::test
