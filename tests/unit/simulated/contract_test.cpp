// The simulated engine ends the process when its user breaks a rule of the seam: each rule is broken here
// once.

#include "engine/simulated/contract.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/simulated/hostility.hpp"
#include "support/seam_bench.hpp"

namespace naru::engine::simulated {
namespace {

using std::chrono::nanoseconds;

/// What is sent outlives the bench: the engine would find out if it did not.
struct sent_memory {
  std::vector<std::byte> bytes_{std::size_t{100}, std::byte{'x'}};
};

/// All sends are pending, so that there is something to break.
class contract : public testing::Test, public sent_memory, public test::seam_bench {
 protected:
  contract()
      : seam_bench{std::make_unique<test::engine_environment>(
            hostility{.seed = 1, .send_pending_percent = 100, .completion_delay_polls_max = 2})},
        pair_{connect()} {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
  }

  /// The engine's end of the client, without the harness between.
  stream& raw() { return pair_.client->stream(); }
  send_result send(bytes_view bytes) { return raw().send({&bytes, 1}); }

  link pair_;
};

TEST_F(contract, one_send_at_a_time) {
  ASSERT_EQ(send(bytes_).state, send_result::status::pending);
  EXPECT_DEATH(static_cast<void>(send(bytes_)), "nothing is sent while a send is pending");
}

TEST_F(contract, shutdown_waits_for_the_pending_send) {
  ASSERT_EQ(send(bytes_).state, send_result::status::pending);
  EXPECT_DEATH(raw().shutdown_send(), "shutdown_send does not come while a send is pending");
}

TEST_F(contract, nothing_is_sent_after_shutdown) {
  raw().shutdown_send();
  EXPECT_DEATH(static_cast<void>(send(bytes_)), "nothing is sent after shutdown_send");
  EXPECT_DEATH(raw().shutdown_send(), "shutdown_send comes once");
}

TEST_F(contract, nothing_is_sent_after_a_failure) {
  environment().world().fail_next(operation::send, std::make_error_code(std::errc::io_error));
  ASSERT_EQ(send(bytes_).state, send_result::status::failed);
  EXPECT_DEATH(static_cast<void>(send(bytes_)), "nothing is sent after a send has failed");
}

TEST_F(contract, a_submission_is_bounded) {
  const std::vector<std::byte> large(stream::send_bytes_max + 1);
  EXPECT_DEATH(static_cast<void>(send(large)), "at most send_bytes_max bytes");
  const std::array<bytes_view, stream::send_buffers_max + 1> many = {};
  EXPECT_DEATH(static_cast<void>(raw().send(many)), "from one to send_buffers_max buffers");
}

TEST_F(contract, a_closed_stream_is_not_used) {
  pair_.client->close(close_mode::orderly);
  EXPECT_DEATH(static_cast<void>(send(bytes_)), "a stream that was closed is not used");
  EXPECT_DEATH(raw().resume_receiving(), "a stream that was closed is not used");
  EXPECT_DEATH(raw().close(close_mode::reset), "a stream that was closed is not used");
}

TEST_F(contract, nothing_is_sent_before_on_connected) {
  test::seam_peer* const early = begin_connect(listen().local);
  const bytes_view bytes{bytes_};
  EXPECT_DEATH(static_cast<void>(early->stream().send({&bytes, 1})), "nothing is sent before on_connected");
}

TEST_F(contract, the_buffers_of_a_pending_send_are_not_changed) {
  ASSERT_EQ(send(bytes_).state, send_result::status::pending);
  EXPECT_DEATH(
      {
        bytes_[50] = std::byte{'y'};
        for (int i = 0; i < 10; ++i) client_engine().poll(nanoseconds{0});
      },
      "the buffers of a pending send are not changed");
  EXPECT_DEATH(
      {
        pair_.client->close(close_mode::reset);
        bytes_[99] = std::byte{'y'};
        for (int i = 0; i < 10; ++i) client_engine().poll(nanoseconds{0});
      },
      "the buffers of a pending send are not changed")
      << "until on_closed they are the engine's";
}

TEST_F(contract, poll_is_not_called_from_inside_an_event) {
  pair_.server->when_received = [this](test::seam_peer&, bytes_view) {
    server_engine().poll(nanoseconds{0});
  };
  pair_.client->send("x");
  EXPECT_DEATH(static_cast<void>(turn_until([] { return false; })),
               "poll is not called from inside an event");
}

TEST_F(contract, an_engine_is_called_on_its_own_thread) {
  EXPECT_DEATH(std::thread{[this] { raw().resume_receiving(); }}.join(), "only on the thread of its worker");
  EXPECT_DEATH(std::thread{[this] { client_engine().poll(nanoseconds{0}); }}.join(),
               "only on the thread of its worker");
}

TEST_F(contract, an_engine_is_not_destroyed_with_open_sockets) {
  const auto destroy_too_early = [this] {
    const auto engine = client_platform().make_engine().value();
    test::seam_peer peer{test::seam_peer::origin::connected_out, chance()};
    static_cast<void>(engine->connect(environment().bind_address(), {}, peer));
  };
  EXPECT_DEATH(destroy_too_early(), "an engine is destroyed when everything of it has had its on_closed");
}

TEST_F(contract, a_socket_is_what_it_is_taken_for) {
  test::seam_listener listener;
  EXPECT_DEATH(static_cast<void>(server_engine().accept_from(raw_socket{}, listener)), "holds a socket");
  EXPECT_DEATH(
      {
        auto bound = server_platform().bind_stream(environment().bind_address(), {}).value();
        static_cast<void>(server_engine().accept_from(std::move(bound.socket), listener));
      },
      "what is accepted from listens");
}

TEST_F(contract, received_bytes_are_spoiled_when_the_event_returns) {
#if defined(__SANITIZE_ADDRESS__)
  bytes_view kept;
  pair_.server->when_received = [&kept](test::seam_peer&, bytes_view bytes) { kept = bytes; };
  pair_.client->send("secret");
  ASSERT_TRUE(turn_until([&] { return !kept.empty(); }));
  EXPECT_DEATH(static_cast<void>(std::ranges::count(kept, std::byte{0})), "heap-use-after-free");
#else
  GTEST_SKIP() << "AddressSanitizer sees it";
#endif
}

}  // namespace
}  // namespace naru::engine::simulated
