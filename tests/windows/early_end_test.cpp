// A send whose end is found out before its completion is taken out of the port: `stream::try_finish_send`.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "support/seam_bench.hpp"

namespace naru::test {
namespace {

/// Counts what it is told of a stream that it sends by.
class sender final : public engine::stream_events {
 public:
  void on_connected(std::error_code error) override { connected = !error; }
  void on_received(bytes_view) override {}
  void on_receive_ended(std::error_code) override {}
  void on_sent(std::size_t bytes, std::error_code error) override {
    ++ends;
    taken += bytes;
    pending = false;
    EXPECT_FALSE(error);
  }
  void on_closed() override { closed = true; }

  /// One submission of what comes next.
  void send(engine::stream& stream, const std::string& all) {
    const std::size_t size = std::min(all.size() - taken, engine::stream::send_bytes_max);
    const std::array buffers{as_bytes(all).subspan(taken, size)};
    const engine::send_result outcome = stream.send(buffers);
    ASSERT_NE(outcome.state, engine::send_result::status::failed);
    taken += outcome.bytes;
    pending = outcome.state == engine::send_result::status::pending;
  }

  bool connected = false;
  bool pending = false;
  bool closed = false;
  std::size_t taken = 0;
  std::size_t ends = 0;
};

class early_end : public testing::Test, public seam_bench {
 protected:
  early_end() : seam_bench{std::make_unique<engine_environment>(engine_kind::iocp)} {}
};

TEST_F(early_end, what_follows_keeps_its_order_and_is_told_of_once) {
  seam_listener& listener = listen();
  sender us;
  engine::stream* const stream = client_engine().connect(listener.local, {}, us).value();
  ASSERT_TRUE(turn_until([&] { return us.connected && !listener.arrivals.empty(); }));
  seam_peer* const server = adopt(listener);
  const std::string all = random_bytes(std::size_t{24} << 20);
  std::size_t early = 0;
  while (us.taken < all.size()) {
    while (!us.pending && us.taken < all.size()) us.send(*stream, all);
    // The other side makes room, which this engine's port is not asked about.
    server->resume();
    std::optional<engine::stream::finished_send> end;
    for (int i = 0; i < 50 && us.pending && !end; ++i) {
      server_engine().poll(std::chrono::milliseconds{1});
      end = stream->try_finish_send();
    }
    server->pause();
    if (end) {
      ++early;
      us.pending = false;
      us.taken += end->bytes;
      ASSERT_FALSE(end->error);
      const std::size_t told = us.ends;
      if (us.taken < all.size()) us.send(*stream, all);  // its completion is still in the port
      if (!us.pending) continue;
      EXPECT_FALSE(stream->try_finish_send());
      ASSERT_TRUE(turn_client_until([&] { return !us.pending; }));
      EXPECT_EQ(us.ends, told + 1);
    } else if (us.pending) {
      server->resume();
      ASSERT_TRUE(turn_until([&] { return !us.pending; }));
      server->pause();
    }
  }
  server->resume();
  ASSERT_TRUE(turn_until([&] { return server->received().size() == all.size(); }));
  EXPECT_TRUE(server->received() == all);
  EXPECT_GT(early, 0U) << "no end was found out early";
  stream->close(engine::close_mode::orderly);
  EXPECT_TRUE(turn_until([&] { return us.closed; }));
}

}  // namespace
}  // namespace naru::test
