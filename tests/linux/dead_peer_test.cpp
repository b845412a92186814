// keep_alive and unacknowledged_timeout: what they set, and a peer whose link is taken away, which no packet
// tells of.

#include <charconv>
#include <chrono>
#include <filesystem>
#include <limits>
#include <string>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "engine/linux/socket_address.hpp"
#include "linux/engine/child.hpp"
#include "linux/engine/peer.hpp"
#include "linux/linux_network_test.hpp"
#include "linux/two_hosts.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

/// The descriptor in this process that is connected from here to there; -1 when there is none.
int descriptor_between(const endpoint& here, const endpoint& there) {
  for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
    const std::string name = entry.path().filename();
    int descriptor = -1;
    std::from_chars(name.data(), name.data() + name.size(), descriptor);
    socklen_t size = sizeof(sockaddr_storage);
    sockaddr_storage raw = {};
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&raw), &size) != 0) continue;
    if (raw.ss_family != AF_INET) continue;
    const auto& in = reinterpret_cast<const sockaddr_in&>(raw);
    if (ntohs(in.sin_port) == there.port() && engine::local_endpoint_of(descriptor) == here)
      return descriptor;
  }
  return -1;
}

int option_of(int descriptor, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(descriptor, level, name, &value, &size), 0);
  return value;
}

class dead_peer : public linux_network_test {
 protected:
  struct settings {
    int keeps_alive;
    int after_s;
    int interval_s;
    int probes;
    int unacknowledged_ms;
    bool operator==(const settings&) const = default;
  };
  static settings settings_of(const connection& of) {
    const int descriptor = descriptor_between(of.local_endpoint(), of.remote_endpoint());
    return {.keeps_alive = option_of(descriptor, SOL_SOCKET, SO_KEEPALIVE),
            .after_s = option_of(descriptor, IPPROTO_TCP, TCP_KEEPIDLE),
            .interval_s = option_of(descriptor, IPPROTO_TCP, TCP_KEEPINTVL),
            .probes = option_of(descriptor, IPPROTO_TCP, TCP_KEEPCNT),
            .unacknowledged_ms = option_of(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT)};
  }

  /// One connection from another host, whose link is then taken away; after that `then` is done to it, and it
  /// ends, not before `at_least`.
  template <typename Then>
  void expect_end(const connection_options& options, std::chrono::milliseconds at_least, Then then) {
    EXPECT_TRUE(in_own_network(
        [&] {
          two_hosts hosts;
          two_hosts::run("ip addr add 10.9.0.1/24 dev va");
          hosts.run_over_there("ip addr add 10.9.0.9/24 dev vb");
          const socket_id id = server().bind(tcp, "10.9.0.1:0").value();
          server().listen(id, at_server_.make_handlers(), {.connection = options}).value();
          const endpoint where = server().local_endpoint(id).value();
          const peer other = hosts.over_there([&] { return peer::connected_to(where); });
          ASSERT_TRUE(at_server_.connected());

          hosts.run_over_there("ip link set vb down");
          const auto begin = std::chrono::steady_clock::now();
          then(*at_server_.shell());
          ASSERT_TRUE(at_server_.closed());
          const auto took = std::chrono::steady_clock::now() - begin;
          EXPECT_GE(took, at_least);
          EXPECT_LT(took, at_least + 10s);
          const close_reason why = *at_server_.at().closed;
          EXPECT_EQ(why, close_cause::io);
          EXPECT_TRUE(why.error == std::errc::timed_out || why.error == std::errc::host_unreachable)
              << why.error.message();
        },
        [this] { TearDown(); }));
  }
};

INSTANTIATE_TEST_SUITE_P(engines, dead_peer, testing::ValuesIn(kernel_engines()), engine_name{});

TEST_P(dead_peer, what_is_asked_for_is_set_on_both_sides) {
  const connection_options asked = {.keep_alive = {.after = 77s, .interval = 11s, .probes_max = 5},
                                    .unacknowledged_timeout = 12'345ms};
  const link pair = open_link({.server = asked, .client = asked});
  const settings expected = {1, 77, 11, 5, 12'345};
  EXPECT_EQ(settings_of(*pair.server), expected);
  EXPECT_EQ(settings_of(*pair.client), expected);
}

TEST_P(dead_peer, nothing_is_set_that_was_not_asked_for) {
  const link pair = open_link();
  for (const auto& each : {pair.server, pair.client}) {
    EXPECT_EQ(settings_of(*each).keeps_alive, 0);
    EXPECT_EQ(settings_of(*each).unacknowledged_ms, 0);
  }
}

TEST_P(dead_peer, more_than_the_system_takes_is_the_most_that_it_takes) {
  const connection_options most = {.keep_alive = {.after = std::chrono::seconds::max(),
                                                  .interval = std::chrono::seconds::max(),
                                                  .probes_max = std::numeric_limits<unsigned>::max()},
                                   .unacknowledged_timeout = std::chrono::milliseconds::max()};
  const link pair = open_link({.server = most, .client = most});
  const settings expected = {1, 32'767, 32'767, 127, std::numeric_limits<int>::max()};
  EXPECT_EQ(settings_of(*pair.server), expected);
  EXPECT_EQ(settings_of(*pair.client), expected);
}

TEST_P(dead_peer, unanswered_probes_end_a_connection) {
  expect_end({.keep_alive = {.after = 1s, .interval = 1s, .probes_max = 2}}, 2s, [](connection&) {});
}

TEST_P(dead_peer, what_is_not_acknowledged_ends_a_connection) {
  expect_end({.unacknowledged_timeout = 500ms}, 500ms,
             [](connection& self) { EXPECT_TRUE(self.send("is anybody there?")); });
}

}  // namespace
}  // namespace naru::test
