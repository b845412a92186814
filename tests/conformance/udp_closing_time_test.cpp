// R3.4, R6.4: what a closing connection of UDP waits for, to the moment. In a simulated world, whose time
// passes when the test says so.

#include <memory>
#include <string>

#include "support/udp_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class udp_closing_time : public udp_time_test {
 protected:
  /// A name whose lookup waits for the gate.
  std::string gated_name(const endpoint& where) {
    environment_->world().add_name("slow.example", {where}, gate_);
    return "slow.example:" + std::to_string(where.port());
  }

  /// A connection that still waits for its address, and has something queued.
  std::shared_ptr<connection> connect_waiting(const endpoint& where, const connect_options& options) {
    auto made = client().connect(udp, gated_name(where), at_client_.make_handlers(), options).value().lock();
    if (made == nullptr) throw std::runtime_error{"a connection ended as soon as it was there"};
    gate_->wait_for_lookup();
    made->send("queued").value();
    settle();
    return made;
  }

  void TearDown() override {
    gate_->open();
    udp_time_test::TearDown();
  }

  std::shared_ptr<engine::simulated::lookup_gate> gate_ = std::make_shared<engine::simulated::lookup_gate>();
};

INSTANTIATE_TEST_SUITE_P(manual_time, udp_closing_time, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(udp_closing_time, R6_4_a_peer_is_ignored_for_as_long_as_was_said) {
  const endpoint where = lease({}, {.received = [](connection& peer, bytes_view) { peer.close(10s); }});
  const auto mine = connect_udp(where);
  ASSERT_TRUE(mine->send("first"));
  ASSERT_TRUE(at_server_.closed());
  pass(9'999ms);
  ASSERT_TRUE(mine->send("too early"));
  settle();
  EXPECT_EQ(server().stats().udp.strangers_refused, 1U);
  EXPECT_EQ(at_server_.all().size(), 1U);
  pass(2ms);
  ASSERT_TRUE(mine->send("in time"));
  ASSERT_TRUE(at_server_.received(2));
  EXPECT_THAT(at_server_.at(1).messages, testing::ElementsAre("in time"));
}

TEST_P(udp_closing_time, R6_4_a_close_that_ignores_nobody_lets_the_peer_back_at_once) {
  const endpoint where = lease({}, {.received = [](connection& peer, bytes_view) { peer.close(0ms); }});
  const auto mine = connect_udp(where);
  for (std::size_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(mine->send("again"));
    ASSERT_TRUE(at_server_.closed(i));
  }
  EXPECT_EQ(server().stats().udp.strangers_refused, 0U);
}

TEST_P(udp_closing_time, R2_6_what_was_queued_before_a_close_while_the_name_is_looked_up_is_sent) {
  const endpoint where = lease();
  const auto mine = connect_waiting(where, {.connection = {.linger_timeout = 5s}});
  mine->close();
  settle();
  EXPECT_FALSE(client_closed()) << "what is queued is sent first, if that can be done soon";
  gate_->open();
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::local);
  EXPECT_EQ(at_client_.at().closed->error, std::error_code{});
  settle();
  EXPECT_EQ(server().stats().messages_received, 1U);
}

TEST_P(udp_closing_time, R3_4_a_closing_one_waits_linger_timeout_for_its_address) {
  const auto mine = connect_waiting(deserted_udp_endpoint(), {.connection = {.linger_timeout = 5s}});
  mine->close();
  pass(4'900ms);
  EXPECT_FALSE(client_closed());
  pass(200ms);
  ASSERT_TRUE(client_closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::local);
  EXPECT_EQ(at_client_.at().closed->error, std::errc::timed_out) << "what was queued is lost";
  EXPECT_EQ(mine->stats().messages_lost, 1U);
}

TEST_P(udp_closing_time, R3_4_abort_after_close_cuts_its_lingering_short) {
  const auto mine = connect_waiting(deserted_udp_endpoint(), {.connection = {.linger_timeout = 1h}});
  mine->close();
  settle();
  EXPECT_FALSE(client_closed());
  mine->abort();
  settle();
  ASSERT_TRUE(client_closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::local);
}

TEST_P(udp_closing_time, R3_4_abort_alone_does_not_wait_either) {
  const auto mine = connect_waiting(deserted_udp_endpoint(), {.connection = {.linger_timeout = 1h}});
  mine->abort();
  settle();
  ASSERT_TRUE(client_closed());
}

TEST_P(udp_closing_time, R2_6_the_lookup_of_a_name_has_connect_timeout) {
  const auto mine = connect_waiting(deserted_udp_endpoint(), {.connect_timeout = 3s});
  pass(2'900ms);
  EXPECT_FALSE(client_closed());
  pass(200ms);
  ASSERT_TRUE(client_closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::connect_failed);
  EXPECT_EQ(at_client_.at().closed->error, std::errc::timed_out);
}

TEST_P(udp_closing_time, R2_6_what_is_sent_before_the_name_is_known_arrives_in_order) {
  const endpoint where = lease();
  const auto mine = connect_waiting(where, {});
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(mine->send(std::to_string(i)));
  EXPECT_EQ(mine->remote_endpoint().family(), address_family::none);
  gate_->open();
  ASSERT_TRUE(at_server_.received(101));
  EXPECT_EQ(mine->remote_endpoint(), where);
  const std::vector<std::string> got = at_server_.at().messages;
  ASSERT_EQ(got.size(), 101U);
  EXPECT_EQ(got.front(), "queued");
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(got[i + 1], std::to_string(i));
}

}  // namespace
}  // namespace naru::test
