// R4.2: backlog_bytes_max is exact, and after it has tripped no byte passes.

#include <mutex>
#include <string>
#include <vector>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class backlog : public network_test {
 protected:
  static constexpr std::size_t limit = 10'000;

  static connection_options limited() { return {.max_message_bytes = 5000, .backlog_bytes_max = limit}; }

  /// Connects from a network that does nothing yet: what is sent stays in the backlog until `turn`.
  std::shared_ptr<connection> connect_waiting(const endpoint& where) {
    polled_ = &start_network(network_options{.workers = 0});
    at_client_.expect_connection();
    return network_test::connect(*polled_, where, at_client_.make_handlers(), {.connection = limited()})
        .lock();
  }

  /// Turns that network's worker until the connection has ended.
  void turn_until_closed() {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!at_client_.at().closed && std::chrono::steady_clock::now() < deadline) (void)polled_->poll(10ms);
  }

  network& polled() { return *polled_; }

 private:
  network* polled_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(engines, backlog, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(backlog, R4_2_a_backlog_that_is_full_to_the_byte_is_sent) {
  const auto mine = connect_waiting(listen());
  ASSERT_TRUE(mine->send(pattern(5000 - 4, 1)));
  ASSERT_TRUE(mine->send(pattern(5000 - 4, 2)));
  EXPECT_EQ(mine->backlog_bytes(), limit);
  EXPECT_FALSE(mine->is_closed());

  while (mine->backlog_bytes() != 0) ASSERT_TRUE(polled().poll(10ms));
  ASSERT_TRUE(at_server_.received(2));
  EXPECT_EQ(at_server_.at().stream(), pattern(5000 - 4, 1) + pattern(5000 - 4, 2));
  EXPECT_TRUE(mine->send("there is room again"));
  while (mine->backlog_bytes() != 0) ASSERT_TRUE(polled().poll(10ms));
  EXPECT_TRUE(at_server_.received(3));
}

TEST_P(backlog, R4_2_the_send_that_would_pass_it_by_one_byte_resets_the_connection) {
  const auto mine = connect_waiting(listen());
  ASSERT_TRUE(mine->send(pattern(5000 - 4)));
  EXPECT_EQ(error_of(mine->send(pattern(5000 - 4 + 1))), errc::backlog_full);
  EXPECT_TRUE(mine->is_closed()) << "at once";
  EXPECT_EQ(error_of(mine->send("small")), errc::closed) << "no later byte can pass, however small";

  turn_until_closed();
  ASSERT_TRUE(at_client_.at().closed);
  EXPECT_EQ(*at_client_.at().closed, close_cause::backlog);
  EXPECT_EQ(polled().stats().closed_by(close_cause::backlog), 1U);
}

TEST_P(backlog, R4_2_even_an_empty_message_takes_its_framing) {
  const auto mine = connect_waiting(listen());
  ASSERT_TRUE(mine->send(pattern(5000 - 4)));
  ASSERT_TRUE(mine->send(pattern(5000 - 4)));
  EXPECT_EQ(error_of(mine->send("")), errc::backlog_full);
  turn_until_closed();
}

TEST_P(backlog, R4_2_a_message_too_large_for_a_limit_of_its_own_does_not_trip_the_backlog) {
  const auto mine = connect_waiting(listen());
  ASSERT_TRUE(mine->send(pattern(5000 - 4)));
  ASSERT_TRUE(mine->send(pattern(4000)));
  EXPECT_EQ(error_of(mine->send(pattern(5001))), errc::message_too_large);
  EXPECT_FALSE(mine->is_closed());
}

/// Sends numbered messages until one is refused. Answers what was accepted.
std::string fill(connection& peer, std::error_code& refusal) {
  std::string accepted;
  for (std::size_t i = 0;; ++i) {
    const std::string message = pattern(900, i);
    const auto sent = peer.send(message);
    if (!sent) {
      refusal = sent.error();
      EXPECT_EQ(error_of(peer.send("x")), errc::closed);
      return accepted;
    }
    accepted += message;
  }
}

TEST_P(backlog, R4_2_what_a_slow_peer_gets_is_an_exact_prefix_of_what_was_accepted) {
  const link pair = open_link({.client = limited()});
  pair.server->pause_receiving();
  std::error_code refusal;
  const std::string accepted = fill(*pair.client, refusal);
  EXPECT_EQ(refusal, errc::backlog_full);
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::backlog);

  pair.server->resume_receiving();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(*at_server_.at().closed, close_cause::reset);
  EXPECT_TRUE(accepted.starts_with(at_server_.at().stream()));
}

TEST_P(backlog, R4_2_likewise_when_a_handler_sends) {
  event filled;
  std::error_code refusal;
  std::string accepted;
  const link pair =
      open_link({.client = limited(), .at_client = {.received = [&](connection& peer, bytes_view) {
                                        accepted = fill(peer, refusal);
                                        filled.set();
                                      }}});
  pair.server->pause_receiving();
  ASSERT_TRUE(pair.server->send("fill it"));
  ASSERT_TRUE(filled.wait());
  EXPECT_EQ(refusal, errc::backlog_full);
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::backlog);
  pair.server->resume_receiving();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_TRUE(accepted.starts_with(at_server_.at().stream()));
}

TEST_P(backlog, R4_2_a_slow_peer_does_not_disturb_the_others) {
  const link slow = open_link({.client = limited()});
  slow.server->pause_receiving();
  const auto other = connect(slow.client->remote_endpoint()).lock();
  std::error_code refusal;
  fill(*slow.client, refusal);
  ASSERT_TRUE(at_client_.closed());
  ASSERT_TRUE(other->send("not disturbed"));
  EXPECT_TRUE(at_server_.received(1));
  EXPECT_FALSE(other->is_closed());
  slow.server->abort();
}

/// Engines that take what they have room for while a handler runs. Where every send is answered late, nothing
/// leaves before the handler has returned, and the limit has to hold.
class backlog_of_a_handler : public network_test {};

std::vector<engine_under_test> prompt_engines() {
  std::vector<engine_under_test> engines = all_engines();
  std::erase_if(engines, [](const engine_under_test& engine) {
    return engine.make()->is_simulated() && engine.name != "simulated_calm";
  });
  return engines;
}

INSTANTIATE_TEST_SUITE_P(engines, backlog_of_a_handler, testing::ValuesIn(prompt_engines()), engine_name{});

TEST_P(backlog_of_a_handler, R4_2_more_than_the_limit_to_a_peer_that_reads_does_not_close_it) {
  // 9 MiB against the default limit of 8 MiB. Before each part the handler gives the peer the time to read
  // what the system has taken: a peer that never ran meanwhile would be one that does not read.
  constexpr std::size_t parts = 9;
  constexpr std::size_t part_bytes = std::size_t{1} << 20;
  std::size_t bytes_read = 0;
  std::mutex mutex;
  const auto has_read = [&](std::size_t bytes) {
    const std::lock_guard lock{mutex};
    return bytes_read >= bytes;
  };
  const std::string part = pattern(part_bytes);
  const link pair = open_link({.server = {.frames = framing::raw()},
                               .client = {.frames = framing::raw()},
                               .at_server = {.received =
                                                 [&](connection& self, bytes_view) {
                                                   for (std::size_t i = 0; i < parts; ++i) {
                                                     EXPECT_TRUE(self.send(part)) << "part " << i;
                                                     const std::size_t taken = self.stats().bytes_sent;
                                                     EXPECT_TRUE(eventually([&] { return has_read(taken); }));
                                                   }
                                                 }},
                               .at_client = {.received = [&](connection&, bytes_view bytes) {
                                 const std::lock_guard lock{mutex};
                                 bytes_read += bytes.size();
                               }}});
  ASSERT_TRUE(pair.client->send("go"));
  ASSERT_TRUE(at_client_.received_bytes(parts * part_bytes));
  EXPECT_FALSE(pair.server->is_closed());
  const std::string got = at_client_.at().stream();
  for (std::size_t i = 0; i < parts; ++i)
    EXPECT_TRUE(got.compare(i * part_bytes, part_bytes, part) == 0) << i;
}

}  // namespace
}  // namespace naru::test
