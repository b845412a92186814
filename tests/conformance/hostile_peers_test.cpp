// R5.4, guarantee 5: a peer can only end its own connection.

#include <random>
#include <string>

#include "support/brace_codec.hpp"
#include "support/network_test.hpp"

namespace naru::test {
namespace {

class hostile_peers : public network_test {
 protected:
  /// A good peer beside the bad one. It has to live through everything.
  void SetUp() override {
    where_ =
        listen(server(), at_bystander_.make_handlers({.received = [](connection& peer, bytes_view message) {
          EXPECT_TRUE(peer.send(message));
        }}));
    bystander_ = connect(client(), where_, bystander_own_.make_handlers()).lock();
    ASSERT_TRUE(bystander_own_.connected());
  }

  void TearDown() override {
    EXPECT_FALSE(bystander_->is_closed());
    EXPECT_TRUE(bystander_->send("still served"));
    EXPECT_TRUE(bystander_own_.received(1));
    bystander_.reset();
    network_test::TearDown();
    bystander_own_.verify_ended();
    at_bystander_.verify_ended();
  }

  static connection_options raw() { return {.frames = framing::raw()}; }

 private:
  recorder at_bystander_;
  recorder bystander_own_;
  endpoint where_;
  std::shared_ptr<connection> bystander_;
};

INSTANTIATE_TEST_SUITE_P(engines, hostile_peers, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(hostile_peers, R5_4_garbage_never_harms_others) {
  std::minstd_rand random{2024};
  const endpoint where = listen({.max_message_bytes = 4096});
  for (std::size_t round = 1; round <= 30; ++round) {
    std::string garbage(random() % 2000 + 1, '\0');
    for (char& letter : garbage) letter = static_cast<char>(random());
    if (const auto peer = connect(where, {.connection = raw()}).lock()) {
      (void)peer->send(garbage);
      peer->close();
    }
    ASSERT_TRUE(at_client_.closed(round));
  }
  EXPECT_TRUE(at_server_.closed(30));
}

TEST_P(hostile_peers, R5_4_a_stream_that_the_codec_calls_malformed_ends_with_protocol) {
  const link pair =
      open_link({.server = {.frames = framing::custom(std::make_shared<brace_codec>())}, .client = raw()});
  ASSERT_TRUE(pair.client->send("{good}{also good}bad{never seen}"));
  ASSERT_TRUE(at_server_.closed());
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("good", "also good"));
  EXPECT_EQ(*at_server_.at().closed, close_cause::protocol);
}

TEST_P(hostile_peers, R5_4_a_truncated_message_is_not_delivered) {
  const link pair = open_link({.client = raw()});
  ASSERT_TRUE(pair.client->send(framed("whole") + size_prefix(10) + "trunc"));
  pair.client->close();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("whole"));
}

TEST_P(hostile_peers, R5_4_a_truncated_header_is_not_delivered) {
  const link pair = open_link({.client = raw()});
  ASSERT_TRUE(pair.client->send(framed("whole") + std::string(3, '\0')));
  pair.client->close();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("whole"));
}

TEST_P(hostile_peers, R5_4_a_line_without_an_end_is_not_delivered) {
  const link pair = open_link({.server = {.frames = framing::lines()}, .client = raw()});
  ASSERT_TRUE(pair.client->send("whole\npart"));
  pair.client->close();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("whole"));
}

TEST_P(hostile_peers, R5_4_a_peer_that_resets_in_the_middle_of_a_message_ends_its_connection_only) {
  const link pair = open_link({.client = raw()});
  ASSERT_TRUE(pair.client->send(framed("whole") + size_prefix(10) + "trunc"));
  ASSERT_TRUE(at_server_.received(1));
  pair.client->abort();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(*at_server_.at().closed, close_cause::reset);
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("whole"));
}

TEST_P(hostile_peers, R5_4_a_peer_that_resets_while_it_is_sent_to_ends_its_connection_only) {
  const link pair = open_link({.server = raw(), .client = raw()});
  pair.client->pause_receiving();
  ASSERT_TRUE(pair.server->send(pattern(std::min(bulk_bytes(), std::size_t{1} << 20))));
  pair.client->abort();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(*at_server_.at().closed, close_cause::reset);
}

TEST_P(hostile_peers, a_peer_that_connects_and_resets_at_once_is_survived) {
  const endpoint where = listen();
  for (std::size_t round = 1; round <= 50; ++round) {
    if (const auto peer = connect(where).lock()) peer->abort();
    ASSERT_TRUE(at_client_.closed(round));
  }
  EXPECT_TRUE(eventually([this] {
    const std::vector<record> all = at_server_.all();
    return std::ranges::all_of(all, [](const record& entry) { return entry.closed.has_value(); });
  }));
}

}  // namespace
}  // namespace naru::test
