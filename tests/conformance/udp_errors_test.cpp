// R2.7, R4.2 and "one dead UDP peer": what fails is told to whom it concerns, and ends nothing else.

#include <memory>
#include <string>
#include <vector>

#include "engine/simulated/simulated_platform.hpp"
#include "support/udp_test.hpp"

namespace naru::test {
namespace {

class udp_errors : public udp_test {};

INSTANTIATE_TEST_SUITE_P(engines, udp_errors, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(udp_errors, R2_7_a_connected_one_is_told_of_a_dead_port_and_works_when_it_lives) {
  const endpoint where = deserted_udp_endpoint();
  const auto mine = connect_udp(where);
  ASSERT_TRUE(mine->send("anybody there?"));
  ASSERT_TRUE(at_client_.told_errors());
  EXPECT_EQ(at_client_.at().errors.front(), std::errc::connection_refused);
  EXPECT_FALSE(mine->is_closed());
  EXPECT_GE(mine->stats().errors, 1U);
  EXPECT_GE(client().stats().udp.errors, 1U);

  lease(server(), where, {}, echo());
  ASSERT_TRUE(mine->send("and now?"));
  ASSERT_TRUE(at_client_.received(1));
  EXPECT_EQ(at_client_.at().stream(), "and now?");
}

TEST_P(udp_errors, R5_4_a_lessor_with_dead_peers_serves_the_others) {
  const endpoint where = lease();
  std::vector<std::shared_ptr<connection>> dead;
  for (std::size_t i = 0; i < 10; ++i) {
    const link pair = open_pair(where);
    dead.push_back(pair.server);
    pair.client->close();
    ASSERT_TRUE(at_client_.closed(i + 1));
  }
  const link living = open_pair(where);
  for (int round = 0; round < 3; ++round) {
    for (const auto& each : dead) ASSERT_TRUE(each->send("x"));
    ASSERT_TRUE(living.server->send("y"));
    ASSERT_TRUE(living.client->send("still there"));
  }
  ASSERT_TRUE(at_client_.received(3));
  ASSERT_TRUE(at_server_.received(11 + 3));
  for (const auto& each : dead) EXPECT_FALSE(each->is_closed()) << "nobody knows whose error it was";
  EXPECT_EQ(at_server_.at().errors.size(), 0U);
  const link newcomer = open_pair(where);
  ASSERT_TRUE(newcomer.server->send("new ones too"));
  EXPECT_TRUE(at_client_.received(4));
}

TEST_P(udp_errors, R5_1_larger_datagrams_than_the_limit_are_ignored_and_counted) {
  const endpoint where = lease({.connection = {.udp = {.max_datagram_bytes = 100}}});
  const link pair = open_pair(where);
  ASSERT_TRUE(pair.client->send(pattern(101)));
  ASSERT_TRUE(pair.client->send(pattern(65'507)));
  ASSERT_TRUE(pair.client->send(pattern(100)));
  ASSERT_TRUE(at_server_.received(2));
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("first", pattern(100)));
  EXPECT_EQ(pair.server->stats().datagrams_ignored, 2U);
  EXPECT_EQ(server().stats().udp.datagrams_ignored, 2U);
  EXPECT_EQ(pair.server->stats().messages_received, 2U);
  EXPECT_EQ(error_of(pair.server->send(pattern(101))), errc::message_too_large);
  ASSERT_TRUE(pair.server->send(pattern(100)));
  EXPECT_TRUE(at_client_.received(1));
  EXPECT_FALSE(pair.server->is_closed());
}

TEST_P(udp_errors, R5_1_on_the_connected_side_too) {
  const endpoint where = lease({.strangers = {.amplification_max = 0}});
  const link pair = open_pair(where, {.connection = {.max_message_bytes = 50}});
  EXPECT_EQ(error_of(pair.client->send(pattern(51))), errc::message_too_large);
  ASSERT_TRUE(pair.server->send(pattern(51)));
  ASSERT_TRUE(pair.server->send(pattern(50)));
  ASSERT_TRUE(at_client_.received(1));
  EXPECT_EQ(at_client_.at().stream(), pattern(50));
  EXPECT_EQ(pair.client->stats().datagrams_ignored, 1U);
  EXPECT_FALSE(pair.client->is_closed());
}

TEST_P(udp_errors, R3_4_what_comes_while_receiving_is_paused_is_thrown_away_and_counted) {
  const link pair = open_pair();
  pair.server->pause_receiving();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(pair.client->send("lost"));
  ASSERT_TRUE(eventually([&] { return pair.server->stats().datagrams_ignored == 5; }));
  pair.server->resume_receiving();
  ASSERT_TRUE(pair.client->send("heard"));
  ASSERT_TRUE(at_server_.received(2));
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("first", "heard"));
  EXPECT_EQ(server().stats().udp.datagrams_ignored, 5U);
}

TEST_P(udp_errors, R3_4_a_pause_in_a_handler_holds_for_the_next_message) {
  const endpoint where =
      lease({}, {.received = [](connection& peer, bytes_view) { peer.pause_receiving(); }});
  const auto mine = connect_udp(where);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(mine->send(std::to_string(i)));
  ASSERT_TRUE(eventually([this] { return server().stats().udp.datagrams_ignored == 3; }));
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("0"));
}

/// What the system fails at when a test says so.
class udp_faults : public udp_test {
 protected:
  udp_faults()
      : platform_{environment_->make_platform(engine::simulated::hostility::calm())},
        faulty_{make_network({.workers = 1, .log = log_.handler()}, platform_)} {
    faulty_->start().value();
  }
  void TearDown() override {
    faulty_.reset();
    udp_test::TearDown();
  }
  void fail_next(engine::simulated::operation what, std::errc error) {
    platform_->fail_next(what, std::make_error_code(error));
  }
  network& faulty() { return *faulty_; }

 private:
  std::shared_ptr<engine::simulated::simulated_platform> platform_;
  std::unique_ptr<network> faulty_;
};

INSTANTIATE_TEST_SUITE_P(engines, udp_faults, testing::ValuesIn(simulated_engines()), engine_name{});

using engine::simulated::operation;

TEST_P(udp_faults, R2_7_a_datagram_that_cannot_be_sent_is_told_and_the_next_one_goes) {
  const endpoint where = lease();
  at_client_.expect_connection();
  const auto mine = connect(faulty(), udp, where, at_client_.make_handlers()).lock();
  ASSERT_TRUE(mine->send("first"));
  ASSERT_TRUE(at_server_.received(1));
  fail_next(operation::send_datagram, std::errc::message_size);
  ASSERT_TRUE(mine->send(pattern(2'000)));
  ASSERT_TRUE(at_client_.told_errors());
  EXPECT_THAT(at_client_.at().errors, testing::ElementsAre(std::make_error_code(std::errc::message_size)));
  ASSERT_TRUE(mine->send("small"));
  ASSERT_TRUE(at_server_.received(2));
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("first", "small"));
  EXPECT_EQ(mine->stats().errors, 1U);
  EXPECT_EQ(mine->stats().messages_dropped, 1U);
  EXPECT_TRUE(eventually([&] { return mine->stats().messages_sent == 2; }));
  EXPECT_EQ(mine->backlog_bytes(), 0U);
  EXPECT_EQ(faulty().stats().udp.errors, 1U);
  EXPECT_EQ(faulty().stats().messages_dropped, 1U);
  EXPECT_FALSE(mine->is_closed());
}

TEST_P(udp_faults, R2_7_a_renter_is_told_of_its_own_datagram_after_its_handler) {
  const endpoint where =
      lease(faulty(), environment_->bind_address(), {.strangers = {.amplification_max = 0}},
            {.received = [](connection& peer, bytes_view message) {
              if (as_text(message) != "go") return;
              for (int i = 0; i < 3; ++i) EXPECT_TRUE(peer.send(std::to_string(i)));
            }});
  const link bystander = open_pair(where);
  const link pair = open_pair(where);
  fail_next(operation::send_datagram, std::errc::message_size);
  ASSERT_TRUE(pair.client->send("go"));
  ASSERT_TRUE(at_server_.told_errors());
  ASSERT_TRUE(at_client_.received(2));
  EXPECT_EQ(at_client_.at().messages, (std::vector<std::string>{"1", "2"})) << "those behind it go";
  EXPECT_EQ(pair.server->stats().messages_dropped, 1U);
  EXPECT_EQ(bystander.server->stats().errors, 0U);
  EXPECT_TRUE(at_server_.at(0).errors.empty());
}

TEST_P(udp_faults, R2_6_without_a_socket_a_connect_fails) {
  fail_next(operation::open_datagrams, std::errc::too_many_files_open);
  at_client_.expect_connection();
  (void)connect(faulty(), udp, lease(), at_client_.make_handlers());
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::connect_failed);
  EXPECT_EQ(at_client_.at().closed->error, std::errc::too_many_files_open);
  EXPECT_EQ(faulty().stats().connected, 0U);
  EXPECT_TRUE(eventually([this] { return faulty().stats().open == 0; }));
}

TEST_P(udp_faults, R2_3_bind_says_what_the_system_says) {
  fail_next(operation::bind, std::errc::permission_denied);
  EXPECT_EQ(error_of(faulty().bind(udp, environment_->bind_address())), std::errc::permission_denied);
  EXPECT_TRUE(faulty().bind(udp, environment_->bind_address()));
}

TEST_P(udp_faults, R2_4_a_listen_without_random_numbers_fails_and_may_be_tried_again) {
  const socket_id id = faulty().bind(udp, environment_->bind_address()).value();
  fail_next(operation::fill_random, std::errc::io_error);
  EXPECT_EQ(error_of(faulty().listen(id, at_server_.make_handlers())), std::errc::io_error);
  ASSERT_TRUE(faulty().listen(id, at_server_.make_handlers())) << "the socket stays bound";
  ASSERT_TRUE(connect_udp(faulty().local_endpoint(id).value())->send("hello"));
  EXPECT_TRUE(at_server_.received(1));
}

TEST_P(udp_faults, R5_4_an_error_while_receiving_ends_nobody) {
  const endpoint where = lease(faulty(), environment_->bind_address());
  const link pair = open_pair(where);
  fail_next(operation::receive_datagram, std::errc::connection_reset);
  ASSERT_TRUE(eventually([this] { return faulty().stats().udp.errors == 1; }));
  ASSERT_TRUE(pair.client->send("still here"));
  ASSERT_TRUE(at_server_.received(2));
  EXPECT_TRUE(at_server_.at().errors.empty()) << "nobody knows whom it concerns";
}

}  // namespace
}  // namespace naru::test
