// What the seam promises of a platform and of the turning of an engine, on every engine.

#include <chrono>
#include <random>
#include <system_error>
#include <thread>

#include "conformance/seam_test.hpp"
#include "support/patience.hpp"

namespace naru::test {
namespace {

using std::chrono::steady_clock;

class seam_platform : public seam_test {
 protected:
  [[nodiscard]] static std::error_code error_of(const result<engine::bound_socket>& outcome) {
    return outcome ? std::error_code{} : outcome.error();
  }
};

INSTANTIATE_TEST_SUITE_P(engines, seam_platform, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(seam_platform, port_zero_is_a_free_one_and_a_port_in_use_is_refused) {
  const auto first = server_platform().bind_stream(environment().bind_address(), {});
  ASSERT_TRUE(first);
  EXPECT_NE(first->local.port(), 0);
  EXPECT_EQ(error_of(client_platform().bind_stream(first->local, {})), std::errc::address_in_use);
  EXPECT_EQ(error_of(client_platform().bind_stream(endpoint::any_ipv4(first->local.port()), {})),
            std::errc::address_in_use);
}

TEST_P(seam_platform, a_bound_socket_that_nobody_uses_gives_its_port_back) {
  const endpoint local = server_platform().bind_stream(environment().bind_address(), {}).value().local;
  EXPECT_TRUE(server_platform().bind_stream(local, {}));
}

TEST_P(seam_platform, an_address_of_another_host_cannot_be_bound) {
  EXPECT_EQ(error_of(server_platform().bind_stream(endpoint{endpoint::ipv4_bytes{192, 0, 2, 1}, 0}, {})),
            std::errc::address_not_available);
}

TEST_P(seam_platform, a_port_that_is_bound_and_does_not_listen_refuses) {
  const auto bound = server_platform().bind_stream(environment().bind_address(), {});
  if (seam_peer* const peer = begin_connect(bound->local)) {
    ASSERT_TRUE(turn_until([&] { return peer->was_answered(); }));
    EXPECT_EQ(peer->connect_error(), std::errc::connection_refused);
  }
}

TEST_P(seam_platform, an_ipv6_wildcard_takes_ipv4_unless_told_otherwise) {
  auto probe = server_platform().bind_stream(endpoint::loopback_ipv6(0), {});
  if (!probe) GTEST_SKIP() << "no IPv6 here";
  seam_listener& listener = listen(endpoint::any_ipv6(0));
  seam_peer* const peer = begin_connect(endpoint::loopback_ipv4(listener.local.port()));
  ASSERT_TRUE(turn_until([&] { return peer->is_connected() && !listener.arrivals.empty(); }));
  EXPECT_EQ(listener.arrivals.front().remote.family(), address_family::ipv4);
  seam_peer* const same_family = begin_connect(endpoint::loopback_ipv6(listener.local.port()));
  EXPECT_TRUE(turn_until([&] { return same_family->is_connected(); }));

  const auto only = server_platform().bind_stream(endpoint::any_ipv6(0), {.ipv6_only = true}).value();
  EXPECT_TRUE(server_platform().bind_stream(endpoint::any_ipv4(only.local.port()), {}));
}

TEST_P(seam_platform, addresses_and_localhost_resolve_and_nonsense_does_not) {
  const auto address = client_platform().resolve("127.0.0.1", 7000);
  ASSERT_TRUE(address);
  EXPECT_EQ(address->front(), endpoint::loopback_ipv4(7000));
  const auto localhost = client_platform().resolve("localhost", 7000);
  ASSERT_TRUE(localhost);
  EXPECT_EQ(localhost->front().port(), 7000);
  EXPECT_FALSE(client_platform().resolve("no such name", 7000));
}

TEST_P(seam_platform, a_wake_ends_a_poll_that_waits) {
  const auto start = steady_clock::now();
  std::thread other{[this] { client_engine().wake(); }};
  client_engine().poll(patience);
  other.join();
  EXPECT_LT(steady_clock::now() - start, patience);
}

TEST_P(seam_platform, a_wake_before_a_poll_ends_the_next_one) {
  const auto start = steady_clock::now();
  client_engine().wake();
  client_engine().wake();
  client_engine().poll(patience);
  EXPECT_LT(steady_clock::now() - start, patience);
}

TEST_P(seam_platform, a_poll_ends_when_its_time_is_over) {
  const auto start = steady_clock::now();
  client_engine().poll(std::chrono::milliseconds{5});
  client_engine().poll(std::chrono::nanoseconds{0});
  client_engine().poll(std::chrono::nanoseconds{-1});
  EXPECT_LT(steady_clock::now() - start, patience);
}

TEST_P(seam_platform, a_poll_that_waits_is_ended_by_traffic_from_another_thread) {
  seam_listener& listener = listen();
  std::thread other{[this, to = listener.local] {
    const auto engine = client_platform().make_engine().value();
    std::minstd_rand chance;
    seam_peer client{seam_peer::origin::connected_out, chance};
    client.serve(*engine->connect(to, {}, client).value());
    client.send("wake up");
    while (!client.all_sent()) {
      engine->poll(std::chrono::milliseconds{1});
      client.pump();
    }
    client.close(engine::close_mode::orderly);
    while (!client.closed()) engine->poll(std::chrono::milliseconds{1});
  }};
  const auto start = steady_clock::now();
  while (listener.arrivals.empty()) server_engine().poll(patience);
  seam_peer* const server = adopt(listener);
  server->resume();
  while (!server->receive_ended()) server_engine().poll(patience);
  other.join();
  EXPECT_EQ(server->received(), "wake up");
  EXPECT_LT(steady_clock::now() - start, patience);
}

}  // namespace
}  // namespace naru::test
