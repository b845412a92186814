// R6.4: deadlines count from when something came, however long the worker had slept before.

#include <chrono>
#include <string>
#include <thread>

#include "linux/engine/peer.hpp"
#include "linux/linux_network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class deadlines : public linux_network_test {
 protected:
  static constexpr std::chrono::milliseconds timeout = 400ms;

  /// A peer sends this after a while; how long from then the connection lives, and what ended it.
  void expect_full_time(const connection_options& options, const std::string& sent, close_cause cause) {
    steady_clock::time_point end;
    auto ended_by = close_cause::local;
    peer other = peer::connected_to(listen(options, {.closed = [&](connection&, const close_reason& why) {
                                             end = steady_clock::now();
                                             ended_by = why.cause;
                                           }}));
    ASSERT_TRUE(at_server_.connected());
    // There is a timer to wait for, so the worker has looked at the clock before it sleeps.
    ASSERT_TRUE(server().after(1h, [] {}));
    std::this_thread::sleep_for(timeout / 2);
    const auto begin = steady_clock::now();
    other.send(sent);
    ASSERT_TRUE(at_server_.closed());
    EXPECT_GE(end - begin, timeout);
    EXPECT_EQ(ended_by, cause);
  }
};

INSTANTIATE_TEST_SUITE_P(engines, deadlines, testing::ValuesIn(kernel_engines()), engine_name{});

TEST_P(deadlines, R6_4_an_idle_timeout_begins_anew_with_each_message) {
  expect_full_time({.idle_timeout = timeout, .linger_timeout = 1ms}, framed("still here"), close_cause::idle);
}

TEST_P(deadlines, R6_4_a_part_of_a_message_is_not_idle) {
  expect_full_time({.idle_timeout = timeout, .linger_timeout = 1ms}, size_prefix(10), close_cause::idle);
}

TEST_P(deadlines, R6_4_a_message_timeout_begins_with_the_message) {
  expect_full_time({.message_timeout = timeout}, size_prefix(10).substr(0, 2), close_cause::message_timeout);
}

}  // namespace
}  // namespace naru::test
