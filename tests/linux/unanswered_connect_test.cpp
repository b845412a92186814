// R2.6: connects that are unreachable, or never answered.

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>

#include <sys/socket.h>

#include "engine/linux/descriptor.hpp"
#include "engine/linux/socket_address.hpp"
#include "linux/engine/child.hpp"
#include "linux/engine/peer.hpp"
#include "linux/linux_network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

/// Listens and never accepts: once a connection waits, the kernel drops further attempts (listen(2)).
class deaf_listener {
 public:
  deaf_listener() : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const engine::socket_address any_port{endpoint::loopback_ipv4(0)};
    EXPECT_EQ(::bind(socket_.get(), any_port.data(), any_port.size()), 0);
    EXPECT_EQ(::listen(socket_.get(), 0), 0);
    first_.emplace(peer::connected_to(local()));
  }
  endpoint local() const { return engine::local_endpoint_of(socket_.get()); }

 private:
  engine::descriptor socket_;
  std::optional<peer> first_;
};

class unanswered_connect : public linux_network_test {
 protected:
  /// Runs a test in a process with a network of its own, loopback alone, with its checks of the end.
  template <typename Body>
  testing::AssertionResult in_own_network(Body body) {
    return test::in_own_network(body, [this] { TearDown(); });
  }

  void expect_timed_out(const endpoint& where) {
    const auto begin = std::chrono::steady_clock::now();
    connect(where, {.connect_timeout = 300ms});
    ASSERT_TRUE(at_client_.closed());
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_GE(took, 300ms);
    EXPECT_LT(took, 10s);
    EXPECT_FALSE(at_client_.at().connected);
    EXPECT_EQ(*at_client_.at().closed, close_cause::connect_failed);
    EXPECT_EQ(at_client_.at().closed->error, std::errc::timed_out);
  }
};

INSTANTIATE_TEST_SUITE_P(engines, unanswered_connect, testing::ValuesIn(kernel_engines()), engine_name{});

TEST_P(unanswered_connect, R2_6_an_unreachable_network_answers_with_the_reason) {
  EXPECT_TRUE(in_own_network([this] {
    connect(endpoint::parse("192.0.2.1:80").value());
    EXPECT_TRUE(at_client_.closed());
    EXPECT_EQ(*at_client_.at().closed, close_cause::connect_failed);
    EXPECT_EQ(at_client_.at().closed->error, std::errc::network_unreachable);
  }));
}

TEST_P(unanswered_connect, R2_6_packets_that_are_dropped_end_by_connect_timeout) {
  EXPECT_TRUE(in_own_network([this] {
    const endpoint where = listen();
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread of this process makes commands
    if (std::system(
            "nft 'add table ip t; add chain ip t in { type filter hook input priority 0; policy drop; }'") !=
        0) {
      GTEST_FAIL() << "nft could not be run: install nftables";
    }
    expect_timed_out(where);
    EXPECT_EQ(server().stats().accepted, 0U);
  }));
}

TEST_P(unanswered_connect, R2_6_a_full_accept_queue_ends_by_connect_timeout) {
  const deaf_listener deaf;
  expect_timed_out(deaf.local());
}

TEST_P(unanswered_connect, R2_6_a_connection_that_is_still_connecting_can_be_closed_and_aborted) {
  const deaf_listener deaf;
  const auto to_close = connect(deaf.local()).lock();
  const auto to_abort = connect(deaf.local()).lock();
  ASSERT_TRUE(to_close->send("never sent"));
  to_abort->abort();
  ASSERT_TRUE(at_client_.closed(1));
  to_close->abort();
  ASSERT_TRUE(at_client_.closed(2));
  for (const record& entry : at_client_.all()) EXPECT_EQ(*entry.closed, close_cause::local);
}

}  // namespace
}  // namespace naru::test
