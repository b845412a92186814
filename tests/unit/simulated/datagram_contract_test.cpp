// The simulated engine ends the process when its user breaks a rule of the seam for datagrams: each rule is
// broken here once.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/simulated/contract.hpp"
#include "support/seam_bench.hpp"

namespace naru::engine::simulated {
namespace {

using std::chrono::nanoseconds;

class datagram_contract : public testing::Test, public test::seam_bench {
 protected:
  datagram_contract()
      : seam_bench{std::make_unique<test::engine_environment>(hostility::calm())},
        server_{share(server_engine())},
        client_{connect_datagrams(server_.local())} {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
  }

  /// To the peer of a connected socket.
  static void send(test::seam_datagram_peer& from, std::size_t count) {
    static_cast<void>(from.socket().send(std::vector<departure>(count)));
  }

  test::seam_datagram_peer& server_;
  test::seam_datagram_peer& client_;
};

TEST_F(datagram_contract, a_batch_is_bounded) {
  send(client_, datagram_socket::departures_max);
  EXPECT_DEATH(send(client_, datagram_socket::departures_max + 1), "from one to departures_max datagrams");
  EXPECT_DEATH(send(client_, 0), "from one to departures_max datagrams");
}

TEST_F(datagram_contract, a_datagram_of_a_shared_socket_goes_to_somebody) {
  EXPECT_DEATH(send(server_, 1), "a datagram of a shared socket goes to somebody");
}

TEST_F(datagram_contract, a_closed_socket_is_not_used) {
  client_.close();
  EXPECT_DEATH(send(client_, 1), "a datagram socket that was closed is not used");
  EXPECT_DEATH(client_.socket().close(), "a datagram socket that was closed is not used");
}

TEST_F(datagram_contract, an_engine_is_called_on_its_own_thread) {
  turn();
  EXPECT_DEATH(std::thread{[this] { send(client_, 1); }}.join(), "only on the thread of its worker");
  EXPECT_DEATH(std::thread{[this] { client_.socket().close(); }}.join(), "only on the thread of its worker");
  EXPECT_DEATH(std::thread{[this] { connect_datagrams(server_.local()); }}.join(),
               "only on the thread of its worker");
  EXPECT_DEATH(std::thread{[this] { share(client_engine()); }}.join(), "only on the thread of its worker");
}

TEST_F(datagram_contract, poll_is_not_called_from_inside_an_event) {
  server_.when_received = [this](auto&, const auto&) { server_engine().poll(nanoseconds{0}); };
  client_.send("x");
  EXPECT_DEATH(static_cast<void>(turn_until([] { return false; })),
               "poll is not called from inside an event");
}

TEST_F(datagram_contract, an_engine_is_not_destroyed_with_open_sockets) {
  const auto destroy_too_early = [this] {
    const auto engine = client_platform().make_engine().value();
    test::seam_datagram_peer peer{chance()};
    static_cast<void>(engine->connect(server_.local(), {}, peer));
  };
  EXPECT_DEATH(destroy_too_early(), "an engine is destroyed when everything of it has had its on_closed");
}

TEST_F(datagram_contract, only_the_first_of_several_sockets_receives) {
  EXPECT_DEATH(
      {
        auto bound = server_platform().bind_datagrams(environment().bind_address(), {}, 2).value();
        share(server_engine(), std::move(bound.sockets.back()), {.receives = true});
      },
      "only the first one receives");
}

TEST_F(datagram_contract, a_socket_is_what_it_is_taken_for) {
  EXPECT_DEATH(share(server_engine(), raw_socket{}), "holds a socket");
  EXPECT_DEATH(
      {
        auto bound = server_platform().bind_stream(environment().bind_address(), {}).value();
        share(server_engine(), std::move(bound.socket));
      },
      "what is shared was bound for datagrams");
  EXPECT_DEATH(
      {
        auto bound = server_platform().bind_datagrams(environment().bind_address(), {}, 1).value();
        static_cast<void>(server_platform().listen(bound.sockets.front(), 1));
      },
      "what is to listen was bound");
  EXPECT_DEATH(static_cast<void>(server_platform().bind_datagrams(environment().bind_address(), {}, 0)),
               "at least one datagram socket is bound");
}

/// Keeps what it must not keep.
class hoarder final : public datagram_events {
 public:
  void on_received(std::span<const arrival> batch) override { kept = batch.front().bytes; }
  void on_room() override {}
  void on_error(std::error_code /*error*/, const endpoint& /*remote*/) override {}
  void on_lost(const losses& /*more*/) override {}
  void on_closed() override { closed = true; }

  bytes_view kept;
  bool closed = false;
};

TEST_F(datagram_contract, received_bytes_are_spoiled_when_the_event_returns) {
#if defined(__SANITIZE_ADDRESS__)
  hoarder events;
  auto bound = server_platform().bind_datagrams(environment().bind_address(), {}, 1).value();
  datagram_socket* const socket = server_engine().share(std::move(bound.sockets.front()), {}, events).value();
  share(client_engine()).send_to(bound.local, "secret");
  EXPECT_TRUE(turn_until([&] { return !events.kept.empty(); }));
  EXPECT_DEATH(static_cast<void>(std::ranges::count(events.kept, std::byte{0})), "heap-use-after-free");
  socket->close();
  EXPECT_TRUE(turn_until([&] { return events.closed; }));
#else
  GTEST_SKIP() << "AddressSanitizer sees it";
#endif
}

}  // namespace
}  // namespace naru::engine::simulated
