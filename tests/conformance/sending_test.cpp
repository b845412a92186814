// R4.1, R4.5, R4.6: send, from handlers and from outside, of pieces and of what is moved in.

#include <string>
#include <utility>
#include <vector>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

class sending : public network_test {};

INSTANTIATE_TEST_SUITE_P(engines, sending, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(sending, R4_1_an_echo_comes_back) {
  const link pair = open_link({.at_server = {.received = [](connection& peer, bytes_view message) {
                                 EXPECT_TRUE(peer.send(message));
                               }}});
  for (std::size_t round = 1; round <= 20; ++round) {
    ASSERT_TRUE(pair.client->send("round " + std::to_string(round)));
    ASSERT_TRUE(at_client_.received(round));
  }
  EXPECT_EQ(at_client_.at().messages.back(), "round 20");
}

TEST_P(sending, R4_5_pipelined_messages_are_echoed_in_order) {
  const link pair = open_link({.at_server = {.received = [](connection& peer, bytes_view message) {
                                 EXPECT_TRUE(peer.send(message));
                               }}});
  std::vector<std::string> sent;
  for (std::size_t i = 0; i < 300; ++i) sent.push_back(pattern(i * 7 % 101, i));
  for (const std::string& message : sent) ASSERT_TRUE(pair.client->send(message));
  ASSERT_TRUE(at_client_.received(sent.size()));
  EXPECT_TRUE(at_client_.at().messages == sent);
}

TEST_P(sending, R4_6_pieces_are_one_message) {
  const link pair = open_link();
  const std::string large = pattern(std::min(bulk_bytes() / 4, std::size_t{100'000}));
  ASSERT_TRUE(pair.client->send({as_bytes("one"), as_bytes(""), as_bytes("two"), as_bytes("three")}));
  ASSERT_TRUE(pair.client->send(std::initializer_list<bytes_view>{}));
  ASSERT_TRUE(pair.client->send({as_bytes(""), as_bytes("")}));
  ASSERT_TRUE(pair.client->send({as_bytes("head"), as_bytes(large), as_bytes("tail")}));
  std::string digits;
  for (int i = 0; i < 100; ++i) digits += std::to_string(i % 10);
  std::vector<bytes_view> hundred;
  for (const char& digit : digits) hundred.push_back(as_bytes({&digit, 1}));
  ASSERT_TRUE(pair.client->send(hundred));

  ASSERT_TRUE(at_server_.received(5));
  EXPECT_THAT(at_server_.at().messages,
              testing::ElementsAre("onetwothree", "", "", "head" + large + "tail", digits));
}

TEST_P(sending, R4_1_messages_that_are_moved_in_arrive_among_the_others) {
  const link pair = open_link();
  std::vector<std::string> sent;
  for (const std::size_t size : {10UL, 16'383UL, 16'384UL, 16'385UL, 70'000UL, 1UL, 300'000UL, 0UL}) {
    if (size > bulk_bytes() / 2) continue;
    sent.push_back(pattern(size, sent.size()));
    std::string text = sent.back();
    ASSERT_TRUE(pair.client->send(std::move(text)));
    sent.push_back(pattern(size / 2, sent.size()));
    ASSERT_TRUE(pair.client->send(sent.back()));
    sent.push_back(pattern(size, sent.size()));
    const bytes_view bytes = as_bytes(sent.back());
    ASSERT_TRUE(pair.client->send(std::vector<std::byte>{bytes.begin(), bytes.end()}));
  }
  ASSERT_TRUE(at_server_.received(sent.size()));
  EXPECT_TRUE(at_server_.at().messages == sent);
}

TEST_P(sending, R4_1_a_moved_message_that_is_refused_is_left_as_it_was) {
  const link pair = open_link({.client = {.max_message_bytes = 20'000}});
  std::string text = pattern(20'001);
  EXPECT_EQ(error_of(pair.client->send(std::move(text))), errc::message_too_large);
  EXPECT_EQ(text, pattern(20'001));  // NOLINT(bugprone-use-after-move): what the header promises
  pair.client->abort();
  std::vector<std::byte> bytes(20'000);
  EXPECT_EQ(error_of(pair.client->send(std::move(bytes))), errc::closed);
  EXPECT_EQ(bytes.size(), 20'000U);  // NOLINT(bugprone-use-after-move): likewise
}

TEST_P(sending, R4_1_the_bytes_are_copied_before_send_returns) {
  const link pair = open_link({.at_server = {.received = [](connection& peer, bytes_view) {
                                 std::string reused = "first";
                                 EXPECT_TRUE(peer.send(reused));
                                 reused.assign("xxxxx");
                               }}});
  std::string reused = pattern(1000, 1);
  ASSERT_TRUE(pair.client->send(reused));
  reused.assign(1000, 'x');
  ASSERT_TRUE(at_client_.received(1));
  EXPECT_EQ(at_server_.at().stream(), pattern(1000, 1));
  EXPECT_EQ(at_client_.at().stream(), "first");
}

TEST_P(sending, R4_5_a_handler_may_send_on_other_connections) {
  const endpoint where = listen({}, {.received = [this](connection&, bytes_view message) {
                                  for (const auto& other : at_server_.shells())
                                    EXPECT_TRUE(other->send(message));
                                }});
  std::vector<std::shared_ptr<connection>> mine;
  for (std::size_t i = 0; i < 5; ++i) mine.push_back(connect(where).lock());
  ASSERT_TRUE(at_server_.connected(5));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(mine[2]->send(std::to_string(i)));
  ASSERT_TRUE(at_client_.received(50));
  for (const record& entry : at_client_.all()) EXPECT_EQ(entry.stream(), "0123456789");
}

TEST_P(sending, R4_1_what_a_handler_sends_over_many_dispatches_keeps_its_order) {
  // More than 64 KiB in one handler, so that the gathered bytes leave in several parts.
  const std::size_t count = std::max<std::size_t>(bulk_bytes() / 2000, 10);
  const link pair = open_link({.at_server = {.received = [count](connection& peer, bytes_view) {
                                 for (std::size_t i = 0; i < count; ++i)
                                   EXPECT_TRUE(peer.send(pattern(1000, i)));
                               }}});
  ASSERT_TRUE(pair.client->send("go"));
  ASSERT_TRUE(pair.client->send("go"));
  ASSERT_TRUE(at_client_.received(2 * count));
  const record seen = at_client_.at();
  for (std::size_t i = 0; i < 2 * count; ++i) ASSERT_EQ(seen.messages[i], pattern(1000, i % count));
}

TEST_P(sending, R4_5_streams_in_both_directions_do_not_disturb_each_other) {
  const std::size_t count = std::max<std::size_t>(bulk_bytes() / 1000, 10);
  const link pair = open_link();
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_TRUE(pair.client->send(pattern(500, i)));
    ASSERT_TRUE(pair.server->send(pattern(500, count + i)));
  }
  ASSERT_TRUE(at_server_.received(count));
  ASSERT_TRUE(at_client_.received(count));
  const record there = at_server_.at();
  const record here = at_client_.at();
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_EQ(there.messages[i], pattern(500, i));
    ASSERT_EQ(here.messages[i], pattern(500, count + i));
  }
}

}  // namespace
}  // namespace naru::test
