// The design's `workers = 0`: no thread, the caller turns the one worker by `poll`.

#include <chrono>
#include <thread>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class polling : public network_test {
 protected:
  /// Turns the worker until the condition holds.
  static testing::AssertionResult turn_until(network& polled, const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return testing::AssertionFailure() << "not in time";
      if (const auto turned = polled.poll(10ms); !turned)
        return testing::AssertionFailure() << turned.error();
    }
    return testing::AssertionSuccess();
  }
};

INSTANTIATE_TEST_SUITE_P(engines, polling, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(polling, all_handlers_run_inside_poll_on_the_calling_thread) {
  const auto here = std::this_thread::get_id();
  bool polls = false;
  unsigned hook_calls = 0;
  network& polled = start_network({.workers = 0, .on_worker_start = [&](unsigned worker) {
                                     EXPECT_EQ(worker, 0U);
                                     EXPECT_EQ(std::this_thread::get_id(), here);
                                     ++hook_calls;
                                   }});
  EXPECT_EQ(hook_calls, 1U);
  EXPECT_EQ(polled.worker_count(), 1U);

  const auto check = [&] { EXPECT_TRUE(polls && std::this_thread::get_id() == here); };
  const endpoint where =
      listen(polled, at_server_.make_handlers({.connected = [&](connection&) { check(); },
                                               .received =
                                                   [&](connection& peer, bytes_view message) {
                                                     check();
                                                     EXPECT_TRUE(peer.send(message));
                                                   },
                                               .closed = [&](connection&, close_reason) { check(); }}));
  const auto peer = connect(where).lock();
  ASSERT_TRUE(peer->send("turn me"));
  peer->close();

  polls = true;
  EXPECT_TRUE(turn_until(polled, [&] { return at_server_.at().closed.has_value(); }));
  EXPECT_EQ(at_server_.at().stream(), "turn me");
}

TEST_P(polling, client_and_server_can_share_one_polled_worker) {
  network& polled = start_network(network_options{.workers = 0});
  const endpoint where =
      listen(polled, at_server_.make_handlers({.received = [](connection& peer, bytes_view message) {
        EXPECT_TRUE(peer.send(message));
      }}));
  at_client_.expect_connection();
  const auto peer = connect(polled, where, at_client_.make_handlers()).lock();
  ASSERT_TRUE(peer->send("there and back"));
  ASSERT_TRUE(turn_until(polled, [&] { return at_client_.at().messages.size() == 1; }));
  EXPECT_EQ(at_client_.at().stream(), "there and back");
}

TEST_P(polling, poll_returns_when_its_time_is_over) {
  network& polled = start_network(network_options{.workers = 0});
  ASSERT_TRUE(polled.poll());
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(polled.poll(20ms));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, patience);
}

TEST_P(polling, a_send_from_another_thread_ends_the_wait_of_poll) {
  network& polled = start_network(network_options{.workers = 0});
  at_client_.expect_connection();
  const auto mine = connect(polled, listen(), at_client_.make_handlers()).lock();
  ASSERT_TRUE(turn_until(polled, [&] { return at_client_.at().connected; }));

  const std::jthread other{[&] { EXPECT_TRUE(mine->send("wake up")); }};
  ASSERT_TRUE(turn_until(polled, [&] { return at_server_.at().messages.size() == 1; }));
}

TEST_P(polling, a_polled_network_stops_without_being_polled) {
  network& polled = start_network(network_options{.workers = 0});
  at_client_.expect_connection();
  const auto mine = connect(polled, listen(), at_client_.make_handlers()).lock();
  ASSERT_TRUE(turn_until(polled, [&] { return at_client_.at().connected; }));

  ASSERT_TRUE(polled.stop(patience));
  ASSERT_TRUE(at_client_.at().closed);
  EXPECT_EQ(at_client_.at().closed->cause, close_cause::network_stopped);
}

TEST_P(polling, poll_refuses_where_it_cannot_work) {
  EXPECT_EQ(error_of(server().poll()), errc::not_polled);

  network& polled = start_network(network_options{.workers = 0});
  std::error_code inside;
  std::error_code stop_inside;
  at_client_.expect_connection();
  connect(polled, listen(), at_client_.make_handlers({.connected = [&](connection&) {
    inside = error_of(polled.poll());
    stop_inside = error_of(polled.stop());
  }}));
  ASSERT_TRUE(turn_until(polled, [&] { return at_client_.at().connected; }));
  EXPECT_EQ(inside, errc::own_worker);
  EXPECT_EQ(stop_inside, errc::own_worker);
}

}  // namespace
}  // namespace naru::test
