// R4.1, R4.3, R4.5, R4.6, R5.1: datagrams arrive whole and in the order in which they were sent.

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/thread_order.hpp"
#include "support/udp_test.hpp"

namespace naru::test {
namespace {

class udp_sending : public udp_test {
 protected:
  static listen_options unlimited() { return {.strangers = {.amplification_max = 0}}; }

  /// As many datagrams as take well under a second with this engine.
  std::size_t many() const { return std::clamp(bulk_bytes() / 2'000, std::size_t{96}, std::size_t{4'000}); }
  /// How many may be under way at a time: no receive buffer is too small for them.
  static constexpr std::size_t window = 32;
};

INSTANTIATE_TEST_SUITE_P(engines, udp_sending, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(udp_sending, R5_1_order_and_boundaries_hold_both_ways) {
  const endpoint where = lease(unlimited(), echo());
  const auto mine = connect_udp(where);
  std::vector<std::string> sent;
  const std::size_t count = many() / window * window;
  while (sent.size() < count) {
    for (std::size_t i = 0; i < window; ++i) {
      // Long runs of one size, which may travel together, and then each one different.
      const std::size_t size = sent.size() % 512 < 256 ? 1'200 : sent.size() * 37 % 1'401;
      sent.push_back(pattern(size, sent.size()));
      ASSERT_TRUE(mine->send(sent.back()));
    }
    ASSERT_TRUE(at_client_.received(sent.size()));
  }
  EXPECT_TRUE(at_server_.at().messages == sent);
  EXPECT_TRUE(at_client_.at().messages == sent);
  EXPECT_EQ(server().stats().udp.lost_by_system, 0U);
}

TEST_P(udp_sending, R4_5_what_one_handler_sends_leaves_in_order) {
  constexpr std::size_t count = 300;  // more than go together
  const endpoint where = lease(unlimited(), {.received = [](connection& peer, bytes_view) {
                                 for (std::size_t i = 0; i < count; ++i) {
                                   EXPECT_TRUE(peer.send(std::to_string(i)));
                                 }
                               }});
  ASSERT_TRUE(connect_udp(where, {.receive_buffer_bytes = std::size_t{1} << 20})->send("all"));
  ASSERT_TRUE(at_client_.received(count));
  const record seen = at_client_.at();
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(seen.messages[i], std::to_string(i));
}

TEST_P(udp_sending, R4_5_a_handler_sends_to_others_in_order) {
  const endpoint where = lease(unlimited(), {.received = [this](connection&, bytes_view message) {
                                 for (const auto& other : at_server_.shells()) {
                                   EXPECT_TRUE(other->send(message));
                                 }
                               }});
  std::vector<std::shared_ptr<connection>> mine;
  for (std::size_t i = 0; i < 3; ++i) {
    mine.push_back(connect_udp(where));
    ASSERT_TRUE(mine.back()->send("here"));
    ASSERT_TRUE(at_server_.connected(i + 1));
    ASSERT_TRUE(at_server_.received(i + 1));
  }
  ASSERT_TRUE(at_client_.received(1 + 2 + 3));
  constexpr std::size_t rounds = 3 * window;
  for (std::size_t i = 0; i < rounds; ++i) {
    ASSERT_TRUE(mine[i % 3]->send(std::to_string(i % 3) + ":" + std::to_string(i)));
    if (i % window == window - 1) {
      ASSERT_TRUE(at_client_.received(6 + 3 * (i + 1)));
    }
  }
  for (const record& each : at_client_.all()) {
    std::vector<std::size_t> next = {0, 1, 2};
    for (const std::string& message : each.messages) {
      if (message == "here") continue;
      const auto from = static_cast<std::size_t>(message.at(0) - '0');
      ASSERT_LT(from, 3U);
      EXPECT_EQ(message, std::to_string(from) + ":" + std::to_string(next[from]));
      next[from] += 3;
    }
    for (std::size_t from = 0; from < 3; ++from) EXPECT_EQ(next[from], rounds + from);
  }
}

TEST_P(udp_sending, guarantee_3_datagrams_of_several_threads_are_whole_and_each_threads_in_order) {
  constexpr std::size_t threads = 4;
  constexpr std::size_t count = 75;
  const link pair = open_pair(unlimited());
  {
    std::vector<std::jthread> senders;
    for (std::size_t thread = 0; thread < threads; ++thread) {
      senders.emplace_back([&, thread] {
        for (std::size_t i = 0; i < count; ++i) {
          const std::string body = pattern(i % 50, thread * count + i);
          EXPECT_TRUE(pair.client->send(std::to_string(thread) + ":" + std::to_string(i) + ":" + body));
        }
      });
    }
  }
  ASSERT_TRUE(at_server_.received(1 + threads * count));
  std::vector<std::size_t> next(threads, 0);
  for (const std::string& message : at_server_.at().messages) {
    if (message == "first") continue;
    const auto thread = static_cast<std::size_t>(message.at(0) - '0');
    ASSERT_LT(thread, threads) << message;
    const std::size_t i = next[thread]++;
    ASSERT_EQ(message,
              std::to_string(thread) + ":" + std::to_string(i) + ":" + pattern(i % 50, thread * count + i));
  }
}

TEST_P(udp_sending, guarantee_3_a_send_that_happened_before_a_handlers_send_goes_first) {
  // This thread sends to the renter and then says so; its handler, on the worker, hears it and sends too.
  std::atomic<int> said = 0;
  const link pair = open_pair(unlimited(), {.received = [&](connection& peer, bytes_view) {
                                EXPECT_TRUE(peer.send("handler " + std::to_string(said.load())));
                              }});
  constexpr int rounds = 100;
  for (int round = 1; round <= rounds; ++round) {
    ASSERT_TRUE(pair.client->send("ask"));
    ASSERT_TRUE(pair.server->send("thread " + std::to_string(round)));
    said = round;
  }
  ASSERT_TRUE(at_client_.received(1 + 2 * rounds));
  expect_nothing_overtaken(at_client_.at().messages);
}

TEST_P(udp_sending, R3_4_large_messages_are_moved_in) {
  const link pair = open_pair(unlimited());
  std::size_t sent = 1;
  for (const std::size_t size : {20'000UL, 60'000UL}) {
    std::string text = pattern(size);
    ASSERT_TRUE(pair.client->send(std::move(text)));
    ASSERT_TRUE(at_server_.received(++sent));
    EXPECT_TRUE(at_server_.at().messages.back() == pattern(size));
    const std::string once_more = pattern(size, 1);
    const bytes_view bytes = as_bytes(once_more);
    ASSERT_TRUE(pair.server->send(std::vector<std::byte>{bytes.begin(), bytes.end()}));
    ASSERT_TRUE(at_client_.received((sent - 1)));
    EXPECT_TRUE(at_client_.at().messages.back() == once_more);
  }
  std::string too_large = pattern(65'508);
  EXPECT_EQ(error_of(pair.client->send(std::move(too_large))), errc::message_too_large);
  EXPECT_EQ(too_large.size(), 65'508U) << "left as it was";  // NOLINT(bugprone-use-after-move)
}

TEST_P(udp_sending, R3_4_likewise_in_a_handler) {
  const endpoint where = lease(unlimited(), {.received = [](connection& peer, bytes_view message) {
                                 const std::size_t size = std::stoul(std::string{as_text(message)});
                                 EXPECT_TRUE(peer.send("before"));
                                 EXPECT_TRUE(peer.send(pattern(size)));
                                 EXPECT_TRUE(peer.send("after"));
                               }});
  const auto mine = connect_udp(where);
  std::size_t got = 0;
  for (const std::size_t size : {20'000UL, 60'000UL, 65'507UL}) {
    ASSERT_TRUE(mine->send(std::to_string(size)));
    ASSERT_TRUE(at_client_.received(got += 3));
    const record seen = at_client_.at();
    EXPECT_EQ(seen.messages[got - 3], "before");
    EXPECT_TRUE(seen.messages[got - 2] == pattern(size));
    EXPECT_EQ(seen.messages[got - 1], "after");
  }
}

TEST_P(udp_sending, R5_1_several_pieces_are_one_datagram) {
  const link pair = open_pair();
  ASSERT_TRUE(pair.client->send({as_bytes("one "), as_bytes(""), as_bytes("two "), as_bytes("three")}));
  ASSERT_TRUE(pair.client->send(""));
  ASSERT_TRUE(pair.client->send(std::vector<bytes_view>(20, as_bytes("ab"))));
  ASSERT_TRUE(at_server_.received(4));
  std::string often;
  for (int i = 0; i < 20; ++i) often += "ab";
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("first", "one two three", "", often));
}

}  // namespace
}  // namespace naru::test
