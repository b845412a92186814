// R2.6: how a host name and its addresses are tried (RFC 8305), and connect_timeout. In a simulated world,
// whose time passes when the test says so: what must not happen before its time is seen not to happen.

#include <chrono>
#include <vector>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

/// The connection attempt delay that RFC 8305, section 5 recommends.
constexpr auto attempt_delay = 250ms;

const endpoint silent_v6{endpoint::ipv6_bytes{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0};
const endpoint silent_v4{endpoint::ipv4_bytes{192, 0, 2, 1}, 0};

class happy_eyeballs : public network_test {
 protected:
  happy_eyeballs() {
    // In this world nothing passes by itself, and nothing is late but what the addresses make late.
    environment_ = std::make_unique<engine_environment>(
        engine::simulated::hostility::calm(), engine::simulated::world_options{.manual_time = true});
  }

  engine::simulated::world& world() { return environment_->world(); }

  /// Lets time pass, and what follows from it happen.
  void pass(std::chrono::milliseconds time) {
    world().advance(time);
    EXPECT_TRUE(world().wait_until_idle());
  }

  /// Connects to a name with these addresses, and waits until the first attempts are under way.
  std::shared_ptr<connection> connect_to(std::vector<endpoint> addresses, std::uint16_t port,
                                         const connect_options& options = {}) {
    const auto gate = std::make_shared<engine::simulated::lookup_gate>();
    gate->open();
    world().add_name("host.test", std::move(addresses), gate);
    at_client_.expect_connection();
    auto attempt = client()
                       .connect(tcp, "host.test:" + std::to_string(port), at_client_.make_handlers(), options)
                       .value();
    return attempt.lock();
  }

  bool answered() const { return at_client_.at().connected || at_client_.at().closed; }
};

INSTANTIATE_TEST_SUITE_P(manual_time, happy_eyeballs, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(happy_eyeballs, the_next_address_is_tried_when_the_first_is_silent) {
  const endpoint where = listen();
  connect_to({silent_v6, where}, where.port());
  ASSERT_TRUE(eventually([this] { return world().socket_count() >= 2; }))
      << "the listener, and the first attempt";
  pass(attempt_delay - 20ms);
  EXPECT_FALSE(answered()) << "the second address has to wait for its turn";
  pass(40ms);
  ASSERT_TRUE(at_client_.connected());
  EXPECT_EQ(at_client_.shell()->remote_endpoint(), where);
  EXPECT_TRUE(at_server_.connected());
}

TEST_P(happy_eyeballs, a_refused_address_makes_the_next_one_be_tried_at_once) {
  const endpoint where = listen();
  connect_to({endpoint::loopback_ipv6(0), where}, where.port());  // nobody listens on ::1
  EXPECT_TRUE(at_client_.connected()) << "although no time has passed";
}

TEST_P(happy_eyeballs, attempts_that_lost_are_given_up) {
  const endpoint where = listen();
  connect_to({silent_v6, silent_v4, where}, where.port());
  ASSERT_TRUE(eventually([this] { return world().socket_count() >= 2; }));
  pass(attempt_delay + 10ms);
  pass(attempt_delay + 10ms);
  ASSERT_TRUE(at_client_.connected());
  ASSERT_TRUE(at_server_.connected());
  EXPECT_TRUE(eventually([this] { return world().socket_count() == 3; }))
      << "the listener and one pair are left";
}

TEST_P(happy_eyeballs, address_families_take_turns) {
  // RFC 8305, section 4: after the first IPv6 address the first IPv4 one, although the list has it last.
  const endpoint where = listen();
  connect_to({silent_v6, silent_v6, silent_v6, where}, where.port());
  ASSERT_TRUE(eventually([this] { return world().socket_count() >= 2; }));
  pass(attempt_delay + 10ms);
  EXPECT_TRUE(at_client_.connected());
}

TEST_P(happy_eyeballs, the_last_error_is_told_when_every_address_fails) {
  const endpoint nobody = deserted_endpoint();
  connect_to({endpoint::loopback_ipv6(0), nobody}, nobody.port());
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::connect_failed);
  EXPECT_EQ(at_client_.at().closed->error, std::errc::connection_refused);
  EXPECT_TRUE(eventually([this] { return world().socket_count() == 0; }));
}

TEST_P(happy_eyeballs, connect_timeout_holds_for_the_whole_attempt) {
  const auto mine = connect_to({silent_v6, silent_v4}, 80, {.connect_timeout = 2s});
  ASSERT_TRUE(mine->send("never sent"));
  ASSERT_TRUE(eventually([this] { return world().socket_count() >= 1; }));
  pass(1900ms);
  EXPECT_FALSE(answered());
  pass(200ms);
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::connect_failed);
  EXPECT_EQ(at_client_.at().closed->error, std::errc::timed_out);
  EXPECT_TRUE(eventually([this] { return world().socket_count() == 0; }));
}

TEST_P(happy_eyeballs, connect_timeout_holds_while_the_name_is_looked_up) {
  const auto gate = std::make_shared<engine::simulated::lookup_gate>();
  world().add_name("slow.test", {endpoint::loopback_ipv4(0)}, gate);
  at_client_.expect_connection();
  ASSERT_TRUE(client().connect(tcp, "slow.test:80", at_client_.make_handlers(), {.connect_timeout = 2s}));
  gate->wait_for_lookup();
  pass(2100ms);
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(at_client_.at().closed->error, std::errc::timed_out);
  gate->open();
}

TEST_P(happy_eyeballs, a_lookup_holds_up_no_worker) {
  const auto gate = std::make_shared<engine::simulated::lookup_gate>();
  world().add_name("slow.test", {endpoint::loopback_ipv4(0)}, gate);
  const link pair = open_link();
  at_client_.expect_connection();
  ASSERT_TRUE(client().connect(tcp, "slow.test:80", at_client_.make_handlers()));
  gate->wait_for_lookup();
  ASSERT_TRUE(pair.client->send("meanwhile"));
  EXPECT_TRUE(at_server_.received(1));
  gate->open();
}

TEST_P(happy_eyeballs, a_connection_closed_during_the_lookup_answers_before_the_lookup_does) {
  const auto gate = std::make_shared<engine::simulated::lookup_gate>();
  world().add_name("slow.test", {endpoint::loopback_ipv4(0)}, gate);
  at_client_.expect_connection();
  const auto mine = client().connect(tcp, "slow.test:80", at_client_.make_handlers()).value().lock();
  gate->wait_for_lookup();
  mine->close();
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::local);
  gate->open();
}

TEST_P(happy_eyeballs, a_timeout_of_0_waits_as_long_as_the_system_does) {
  connect_to({silent_v4}, 80, {.connect_timeout = 0ms});
  ASSERT_TRUE(eventually([this] { return world().socket_count() == 1; }));
  pass(24h);
  EXPECT_FALSE(answered());
}

}  // namespace
}  // namespace naru::test
