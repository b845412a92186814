// pause_receiving and resume_receiving: nothing comes while paused, nothing is lost.

#include <atomic>
#include <string>
#include <thread>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

class pausing : public network_test {
 protected:
  /// Runs a task on the connection's worker and waits for it: what was asked before has taken effect then.
  static void settle(connection& peer) {
    event ran;
    ASSERT_TRUE(peer.post([&](connection&) { ran.set(); }));
    ASSERT_TRUE(ran.wait());
  }
};

INSTANTIATE_TEST_SUITE_P(engines, pausing, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(pausing, in_a_handler_it_takes_effect_before_the_next_message) {
  const link pair =
      open_link({.client = {.frames = framing::raw()},
                 .at_server = {.received = [](connection& peer, bytes_view) { peer.pause_receiving(); }}});
  std::string wire;
  for (int i = 0; i < 5; ++i) wire += framed(std::to_string(i));
  ASSERT_TRUE(pair.client->send(wire));  // all in one piece, where the engine allows it
  for (std::size_t i = 1; i <= 5; ++i) {
    ASSERT_TRUE(at_server_.received(i));
    settle(*pair.server);
    EXPECT_EQ(at_server_.at().messages.size(), i) << "one message for each resume";
    pair.server->resume_receiving();
  }
  EXPECT_EQ(at_server_.at().stream(), "01234");
}

TEST_P(pausing, in_on_connected_it_holds_back_the_first_message) {
  const link pair = open_link({.at_server = {.connected = [](connection& peer) { peer.pause_receiving(); }}});
  ASSERT_TRUE(pair.client->send("wait"));
  EXPECT_TRUE(eventually([&] { return pair.client->stats().bytes_sent > 0; }));
  settle(*pair.server);
  EXPECT_TRUE(at_server_.at().messages.empty());
  pair.server->resume_receiving();
  EXPECT_TRUE(at_server_.received(1));
}

TEST_P(pausing, from_another_thread_it_takes_effect_soon) {
  const link pair = open_link();
  pair.server->pause_receiving();
  settle(*pair.server);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(pair.client->send(std::to_string(i)));
  EXPECT_TRUE(eventually([&] { return pair.client->stats().bytes_sent > 0; }));
  settle(*pair.server);
  EXPECT_TRUE(at_server_.at().messages.empty());

  pair.server->resume_receiving();
  ASSERT_TRUE(at_server_.received(10));
  EXPECT_EQ(at_server_.at().stream(), "0123456789");
}

TEST_P(pausing, pausing_and_resuming_again_does_nothing_more) {
  const link pair = open_link();
  for (int i = 0; i < 3; ++i) pair.server->pause_receiving();
  pair.server->resume_receiving();
  ASSERT_TRUE(pair.client->send("one resume is enough"));
  EXPECT_TRUE(at_server_.received(1));
  for (int i = 0; i < 3; ++i) pair.server->resume_receiving();
  ASSERT_TRUE(pair.client->send("and more do no harm"));
  EXPECT_TRUE(at_server_.received(2));
}

TEST_P(pausing, a_resume_inside_the_handler_that_paused_is_no_recursion) {
  std::atomic<int> depth = 0;
  const link pair = open_link({.at_server = {.received = [&](connection& peer, bytes_view) {
                                 EXPECT_EQ(++depth, 1);
                                 peer.pause_receiving();
                                 peer.resume_receiving();
                                 --depth;
                               }}});
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(pair.client->send(std::to_string(i)));
  EXPECT_TRUE(at_server_.received(100));
}

TEST_P(pausing, R4_2_a_paused_receiver_makes_its_peer_wait_and_nothing_is_lost) {
  const connection_options raw{.frames = framing::raw()};
  const link pair = open_link({.server = raw, .client = raw});
  pair.server->pause_receiving();
  settle(*pair.server);
  const std::string sent = pattern(std::min(bulk_bytes(), std::size_t{6} << 20));
  for (std::size_t at = 0; at < sent.size(); at += 100'000) {
    ASSERT_TRUE(pair.client->send(std::string_view{sent}.substr(at, 100'000)));
  }
  settle(*pair.client);
  EXPECT_EQ(at_server_.at().message_bytes, 0U);
  pair.server->resume_receiving();
  ASSERT_TRUE(at_server_.received_bytes(sent.size()));
  EXPECT_TRUE(at_server_.at().stream() == sent);
}

TEST_P(pausing, pauses_and_resumes_at_random_lose_nothing) {
  const link pair = open_link();
  const std::size_t count = std::clamp(bulk_bytes() / 100, std::size_t{50}, std::size_t{5000});
  std::atomic<bool> go_on = true;
  std::jthread meddler{[&] {
    while (go_on) {
      pair.server->pause_receiving();
      std::this_thread::yield();
      pair.server->resume_receiving();
      std::this_thread::yield();
    }
    pair.server->resume_receiving();
  }};
  for (std::size_t i = 0; i < count; ++i) ASSERT_TRUE(pair.client->send(std::to_string(i)));
  EXPECT_TRUE(at_server_.received(count));
  go_on = false;
  meddler.join();
  const record seen = at_server_.at();
  ASSERT_EQ(seen.messages.size(), count);
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(seen.messages[i], std::to_string(i));
}

TEST_P(pausing, a_paused_connection_can_be_closed) {
  const link pair = open_link();
  pair.server->pause_receiving();
  settle(*pair.server);
  ASSERT_TRUE(pair.client->send("never delivered"));
  pair.server->close();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_TRUE(at_server_.at().messages.empty());
  EXPECT_TRUE(at_client_.closed());
}

}  // namespace
}  // namespace naru::test
