// R4.1, R4.2: with UDP a full backlog refuses or drops datagrams, and the connection lives.

#include <memory>
#include <string>
#include <vector>

#include "engine/simulated/simulated_platform.hpp"
#include "support/udp_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class udp_backlog : public udp_test {
 protected:
  /// Room for ten datagrams: a small one counts as 64 bytes.
  static constexpr std::size_t room = 10;
  static connect_options limited(backlog_policy policy) {
    return {.connection = {.backlog_bytes_max = room * 64,
                           .when_backlog_full = policy,
                           .udp = {.max_datagram_bytes = 64}}};
  }

  /// Connects from a network that does nothing yet: what is sent stays in the backlog until it is turned.
  std::shared_ptr<connection> connect_waiting(const connect_options& options) {
    const endpoint where = lease();
    polled_ = &start_network(network_options{.workers = 0});
    at_client_.expect_connection();
    return connect(*polled_, udp, where, at_client_.make_handlers(), options).lock();
  }
  void turn_until_sent(connection& mine) {
    ASSERT_TRUE(turn_until(*polled_, [&] { return mine.backlog_bytes() == 0; }));
  }
  network& polled() { return *polled_; }

  static std::vector<std::string> numbers(std::size_t first, std::size_t past_last) {
    std::vector<std::string> all;
    for (std::size_t i = first; i < past_last; ++i) all.push_back(std::to_string(i));
    return all;
  }

 private:
  network* polled_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(engines, udp_backlog, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(udp_backlog, R4_2_what_would_pass_it_is_refused_and_the_connection_lives) {
  const auto mine = connect_waiting(limited(backlog_policy::refuse));
  for (const std::string& each : numbers(0, room)) ASSERT_TRUE(mine->send(each));
  EXPECT_EQ(mine->backlog_bytes(), room * 64);
  EXPECT_EQ(error_of(mine->send("one too many")), errc::backlog_full);
  EXPECT_EQ(error_of(mine->send("")), errc::backlog_full) << "an empty one takes room as well";
  EXPECT_FALSE(mine->is_closed());
  EXPECT_EQ(mine->stats().messages_refused, 2U);

  turn_until_sent(*mine);
  ASSERT_TRUE(mine->send("later"));
  turn_until_sent(*mine);
  ASSERT_TRUE(at_server_.received(room + 1));
  std::vector<std::string> expected = numbers(0, room);
  expected.emplace_back("later");
  EXPECT_EQ(at_server_.at().messages, expected);
  EXPECT_EQ(mine->stats().messages_refused, 2U);
  EXPECT_EQ(mine->stats().messages_dropped, 0U);
  EXPECT_EQ(mine->stats().backlog_bytes_highest, room * 64);
}

TEST_P(udp_backlog, R4_2_one_too_large_for_its_own_limit_is_no_matter_of_the_backlog) {
  const auto mine = connect_waiting(limited(backlog_policy::refuse));
  EXPECT_EQ(error_of(mine->send(pattern(65))), errc::message_too_large);
  EXPECT_EQ(mine->stats().messages_refused, 0U);
  EXPECT_EQ(mine->backlog_bytes(), 0U);
}

TEST_P(udp_backlog, R4_2_what_another_thread_sends_faster_than_the_worker_takes_it_in_is_refused) {
  // Only the worker drops: what is on its way to it may fill the backlog once, and does not count before.
  const auto mine = connect_waiting(limited(backlog_policy::drop_oldest));
  for (const std::string& each : numbers(0, room)) ASSERT_TRUE(mine->send(each));
  EXPECT_EQ(error_of(mine->send("beyond that")), errc::backlog_full);
  EXPECT_EQ(mine->stats().messages_refused, 1U);
  ASSERT_TRUE(turn_until(polled(), [&] { return mine->stats().messages_sent == room; }));
  ASSERT_TRUE(at_server_.received(room));
  EXPECT_EQ(at_server_.at().messages, numbers(0, room));
  EXPECT_FALSE(mine->is_closed());
}

TEST_P(udp_backlog, R4_2_a_handler_may_send_more_than_the_backlog_holds_while_the_system_takes_it) {
  if (environment_->is_simulated() && GetParam().name != "simulated_calm") {
    GTEST_SKIP() << "this engine makes senders wait";
  }
  // Few enough for the receive buffer of the client.
  const endpoint where =
      lease({.connection = limited(backlog_policy::refuse).connection, .strangers = {.amplification_max = 0}},
            {.received = [](connection& peer, bytes_view) {
              for (const std::string& each : numbers(0, 20 * room)) {
                EXPECT_TRUE(peer.send(each));
              }
            }});
  ASSERT_TRUE(connect_udp(where)->send("all"));
  ASSERT_TRUE(at_client_.received(20 * room));
  EXPECT_EQ(at_client_.at().messages, numbers(0, 20 * room));
}

/// Where the address is not known yet, nothing can leave.
class udp_backlog_without_an_address : public udp_backlog {
 protected:
  void TearDown() override {
    gate_->open();
    udp_backlog::TearDown();
  }
  std::shared_ptr<connection> connect_gated(const endpoint& where, const connect_options& options) {
    environment_->world().add_name("slow.example", {where}, gate_);
    at_client_.expect_connection();
    return client()
        .connect(udp, "slow.example:" + std::to_string(where.port()), at_client_.make_handlers(), options)
        .value()
        .lock();
  }
  std::shared_ptr<engine::simulated::lookup_gate> gate_ = std::make_shared<engine::simulated::lookup_gate>();
};

INSTANTIATE_TEST_SUITE_P(engines, udp_backlog_without_an_address, testing::ValuesIn(simulated_engines()),
                         engine_name{});

TEST_P(udp_backlog_without_an_address, R4_2_drop_oldest_keeps_the_newest_of_a_handler) {
  const endpoint where = lease();
  const auto mine = connect_gated(where, limited(backlog_policy::drop_oldest));
  event sent;
  ASSERT_TRUE(mine->post([&](connection& peer) {
    for (const std::string& each : numbers(0, 3 * room)) EXPECT_TRUE(peer.send(each));
    sent.set();
  }));
  ASSERT_TRUE(sent.wait());
  EXPECT_EQ(mine->stats().messages_dropped, 2 * room);
  EXPECT_EQ(mine->backlog_bytes(), room * 64);
  gate_->open();
  ASSERT_TRUE(at_server_.received(room));
  EXPECT_EQ(at_server_.at().messages, numbers(2 * room, 3 * room));
}

TEST_P(udp_backlog_without_an_address, R4_2_drop_oldest_keeps_the_newest_of_another_thread) {
  const endpoint where = lease();
  const auto mine = connect_gated(where, limited(backlog_policy::drop_oldest));
  for (const std::string& each : numbers(0, 3 * room)) {
    ASSERT_TRUE(eventually([&] { return mine->send(each).has_value(); }));
    EXPECT_LE(mine->backlog_bytes(), room * 64);
  }
  ASSERT_TRUE(eventually([&] { return mine->stats().messages_dropped == 2 * room; }));
  gate_->open();
  ASSERT_TRUE(at_server_.received(room));
  EXPECT_EQ(at_server_.at().messages, numbers(2 * room, 3 * room));
}

TEST_P(udp_backlog_without_an_address, R4_2_a_handler_is_refused_and_goes_on) {
  const endpoint where = lease();
  const auto mine = connect_gated(where, limited(backlog_policy::refuse));
  event sent;
  ASSERT_TRUE(mine->post([&](connection& peer) {
    for (const std::string& each : numbers(0, room)) EXPECT_TRUE(peer.send(each));
    EXPECT_EQ(error_of(peer.send("one too many")), errc::backlog_full);
    EXPECT_FALSE(peer.is_closed());
    sent.set();
  }));
  ASSERT_TRUE(sent.wait());
  EXPECT_EQ(mine->stats().messages_refused, 1U);
  gate_->open();
  ASSERT_TRUE(at_server_.received(room));
  EXPECT_EQ(at_server_.at().messages, numbers(0, room));
}

/// A system that never has room for all that it is given.
class udp_without_room : public udp_test {
 protected:
  /// Sends through a platform with these manners.
  void send_through(const engine::simulated::hostility& manners) {
    const endpoint where = lease({.strangers = {.amplification_max = 0}});
    const auto narrow =
        make_network({.workers = 1, .log = log_.handler()}, environment_->make_platform(manners));
    ASSERT_TRUE(narrow->start());
    const auto mine = connect(*narrow, udp, where, at_client_.make_handlers()).lock();
    std::vector<std::string> sent;
    for (std::size_t i = 0; i < 200; ++i) {
      sent.push_back(pattern(i * 7 % 900, i));
      ASSERT_TRUE(mine->send(sent.back()));
    }
    event from_handler;
    ASSERT_TRUE(mine->post([&](connection& peer) {
      for (std::size_t i = 200; i < 300; ++i) {
        sent.push_back(pattern(i * 7 % 900, i));
        EXPECT_TRUE(peer.send(sent.back()));
      }
      from_handler.set();
    }));
    ASSERT_TRUE(from_handler.wait());
    ASSERT_TRUE(at_server_.received(sent.size()));
    EXPECT_TRUE(at_server_.at().messages == sent);
    EXPECT_TRUE(eventually([&] { return mine->backlog_bytes() == 0; }));
    EXPECT_EQ(mine->stats().messages_sent, sent.size());
    EXPECT_EQ(mine->stats().messages_dropped, 0U);
  }
};

INSTANTIATE_TEST_SUITE_P(engines, udp_without_room, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(udp_without_room, R3_4_a_close_on_probation_sends_what_only_waits_for_room) {
  const auto narrow = make_network(
      {.workers = 1, .log = log_.handler()},
      environment_->make_platform(engine::simulated::hostility{.send_datagrams_wait_percent = 100}));
  ASSERT_TRUE(narrow->start());
  const endpoint where =
      lease(*narrow, environment_->bind_address(), {}, {.received = [](connection& peer, bytes_view message) {
        EXPECT_TRUE(peer.send(message));
        peer.close();
      }});
  ASSERT_TRUE(connect_udp(where)->send("echo"));
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(at_server_.at().closed->error, std::error_code{}) << "nothing was lost";
  EXPECT_TRUE(at_client_.received(1)) << "no more than the peer may be sent";
}

TEST_P(udp_without_room, R4_1_where_every_send_has_to_wait_all_arrive_in_order) {
  send_through({.send_datagrams_wait_percent = 100});
}

TEST_P(udp_without_room, R4_1_where_nobody_tells_of_room_all_arrive_in_order) {
  send_through({.send_datagrams_no_room_percent = 100});
}

TEST_P(udp_without_room, R4_1_where_one_datagram_goes_at_a_time_all_arrive_in_order) {
  send_through({.completion_delay_polls_max = 2, .send_datagrams_max = 1});
}

}  // namespace
}  // namespace naru::test
