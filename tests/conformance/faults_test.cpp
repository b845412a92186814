// Guarantee 5, R2.7, R7.2: every operation of the system fails on demand. What it was for ends with the right
// reason, and nothing else is disturbed.

#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "engine/simulated/simulated_platform.hpp"
#include "support/network_test.hpp"

namespace naru::test {
namespace {

using engine::simulated::operation;

class faults : public network_test {
 protected:
  faults()
      : platform_{std::dynamic_pointer_cast<engine::simulated::simulated_platform>(
            environment_->make_platform())},
        faulty_{make_network({.workers = 1, .log = log_.handler()}, platform_)} {}

  /// A connection of the faulty network that has to live through everything.
  void SetUp() override {
    ASSERT_TRUE(faulty_->start());
    bystander_where_ = listen(client(), at_bystander_.make_handlers());
    bystander_ = connect(*faulty_, bystander_where_, bystander_own_.make_handlers()).lock();
    ASSERT_TRUE(bystander_own_.connected());
  }

  void TearDown() override {
    ASSERT_TRUE(bystander_->send("not disturbed"));
    EXPECT_TRUE(at_bystander_.received(1));
    EXPECT_FALSE(bystander_->is_closed());
    bystander_.reset();
    faulty_.reset();
    network_test::TearDown();
    at_bystander_.verify_ended();
    bystander_own_.verify_ended();
  }

  network& faulty() { return *faulty_; }

  void fail_next(operation what, std::errc error, unsigned count = 1) {
    platform_->fail_next(what, std::make_error_code(error), count);
  }

  /// Before a receive is made to fail: the bystander waits to receive, too, and must not be the one that is
  /// hit.
  void pause_bystander() {
    event paused;
    bystander_->pause_receiving();
    ASSERT_TRUE(bystander_->post([&](connection&) { paused.set(); }));
    ASSERT_TRUE(paused.wait());
  }

  /// A connection from `client()`, accepted by the faulty network.
  link accepted_link(const connection_options& options = {}) {
    const endpoint where = listen(faulty(), at_server_.make_handlers(), options);
    const auto mine = connect(where).lock();
    if (!at_server_.connected() || !at_client_.connected()) throw std::runtime_error{"no link"};
    return {mine, at_server_.shell()};
  }

  /// A connect of the faulty network.
  void connect_faulty(const endpoint& to) {
    at_client_.expect_connection();
    connect(faulty(), to, at_client_.make_handlers());
  }

  void expect_server_closed(close_cause cause, std::errc error) {
    ASSERT_TRUE(at_server_.closed());
    EXPECT_EQ(*at_server_.at().closed, cause);
    EXPECT_EQ(at_server_.at().closed->error, error);
    EXPECT_TRUE(at_client_.closed()) << "the peer is told";
  }

 private:
  std::shared_ptr<engine::simulated::simulated_platform> platform_;
  std::unique_ptr<network> faulty_;
  recorder at_bystander_;
  recorder bystander_own_;
  endpoint bystander_where_;
  std::shared_ptr<connection> bystander_;
};

INSTANTIATE_TEST_SUITE_P(engines, faults, testing::ValuesIn(simulated_engines()), engine_name{});

TEST_P(faults, R2_1_a_start_that_fails_starts_nothing_and_can_be_tried_again) {
  const auto platform = environment_->make_platform(engine::simulated::hostility::calm());
  const auto other = make_network({.workers = 3, .log = log_.handler()}, platform);
  platform->fail_next(operation::make_engine, std::make_error_code(std::errc::too_many_files_open));
  EXPECT_EQ(error_of(other->start()), std::errc::too_many_files_open);
  EXPECT_FALSE(other->is_running());
  EXPECT_EQ(error_of(other->bind(tcp, "127.0.0.1:0")), errc::not_running);
  ASSERT_TRUE(other->start());
  EXPECT_EQ(other->worker_count(), 3U);
}

TEST_P(faults, R2_7_a_bind_that_fails_says_why) {
  fail_next(operation::bind, std::errc::permission_denied);
  EXPECT_EQ(error_of(faulty().bind(tcp, "127.0.0.1:0")), std::errc::permission_denied);
  EXPECT_TRUE(faulty().bind(tcp, "127.0.0.1:0"));
}

TEST_P(faults, R2_7_a_listen_that_fails_leaves_the_socket_bound) {
  const socket_id id = faulty().bind(tcp, environment_->bind_address()).value();
  fail_next(operation::listen, std::errc::address_in_use);
  EXPECT_EQ(error_of(faulty().listen(id, handlers{})), std::errc::address_in_use);
  ASSERT_TRUE(faulty().local_endpoint(id));
  ASSERT_TRUE(faulty().listen(id, at_server_.make_handlers()));
  connect(faulty().local_endpoint(id).value());
  EXPECT_TRUE(at_server_.connected());
}

TEST_P(faults, R2_7_a_listening_socket_that_no_worker_can_serve_is_reported) {
  const socket_id id = faulty().bind(tcp, environment_->bind_address()).value();
  fail_next(operation::accept_from, std::errc::not_enough_memory);
  const auto listened = faulty().listen(id, at_server_.make_handlers());
  if (listened) {
    EXPECT_TRUE(eventually([this] { return !log_.lines().empty(); })) << "what goes wrong later is logged";
  } else {
    EXPECT_EQ(listened.error(), std::errc::not_enough_memory);
  }
}

TEST_P(faults, R2_6_a_lookup_that_fails_answers_with_the_error) {
  fail_next(operation::resolve, std::errc::timed_out);
  at_client_.expect_connection();
  ASSERT_TRUE(faulty().connect(tcp, "localhost:80", at_client_.make_handlers()));
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::connect_failed);
  EXPECT_EQ(at_client_.at().closed->error, std::errc::timed_out);
}

TEST_P(faults, R2_6_a_connect_that_cannot_begin_answers_with_the_error) {
  fail_next(operation::connect, std::errc::too_many_files_open);
  connect_faulty(listen());
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::connect_failed);
  EXPECT_EQ(at_client_.at().closed->error, std::errc::too_many_files_open);
}

TEST_P(faults, R2_6_a_connect_that_fails_later_answers_with_the_error) {
  fail_next(operation::connect_completion, std::errc::host_unreachable);
  connect_faulty(listen());
  ASSERT_TRUE(at_client_.closed());
  EXPECT_FALSE(at_client_.at().connected);
  EXPECT_EQ(*at_client_.at().closed, close_cause::connect_failed);
  EXPECT_EQ(at_client_.at().closed->error, std::errc::host_unreachable);
}

TEST_P(faults, accepts_that_fail_are_counted_and_tried_again) {
  fail_next(operation::accept, std::errc::too_many_files_open, 3);
  connect(listen(faulty(), at_server_.make_handlers()));
  EXPECT_TRUE(at_server_.connected());
  EXPECT_EQ(faulty().stats().accept_failures, 3U);
  EXPECT_EQ(faulty().stats().accepted, 1U);
}

TEST_P(faults, an_accepted_socket_that_no_worker_can_serve_is_closed_and_the_next_is_taken) {
  fail_next(operation::adopt, std::errc::not_enough_memory);
  const endpoint where = listen(faulty(), at_server_.make_handlers());
  connect(where);
  ASSERT_TRUE(at_client_.closed()) << "its peer is told";
  connect(where);
  ASSERT_TRUE(at_client_.connected(1));
  EXPECT_TRUE(at_server_.connected());
  EXPECT_TRUE(eventually([this] { return faulty().stats().open == 2; }))
      << "the bystander and the second one";
}

TEST_P(faults, a_send_that_fails_ends_its_connection) {
  const link pair = accepted_link();
  fail_next(operation::send, std::errc::io_error);
  ASSERT_TRUE(pair.server->send("lost"));
  expect_server_closed(close_cause::io, std::errc::io_error);
}

TEST_P(faults, a_send_that_finds_the_connection_reset_ends_it_as_reset) {
  for (const std::errc error : {std::errc::connection_reset, std::errc::broken_pipe}) {
    const std::size_t round = error == std::errc::connection_reset ? 0 : 1;
    const endpoint where = listen(faulty(), at_server_.make_handlers());
    connect(where);
    ASSERT_TRUE(at_server_.connected(round + 1));
    fail_next(operation::send, error);
    ASSERT_TRUE(at_server_.shell(round)->send("lost"));
    ASSERT_TRUE(at_server_.closed(round + 1));
    EXPECT_EQ(*at_server_.at(round).closed, close_cause::reset);
  }
}

TEST_P(faults, a_send_that_fails_while_it_is_pending_ends_its_connection) {
  const link pair = accepted_link({.frames = framing::raw()});
  fail_next(operation::send_completion, std::errc::io_error);
  ASSERT_TRUE(pair.server->send(pattern(std::min(bulk_bytes(), std::size_t{1} << 20))));
  expect_server_closed(close_cause::io, std::errc::io_error);
}

TEST_P(faults, a_receive_that_fails_ends_its_connection) {
  const link pair = accepted_link();
  pause_bystander();
  fail_next(operation::receive, std::errc::io_error);
  (void)pair.client->send("perhaps lost");
  expect_server_closed(close_cause::io, std::errc::io_error);
}

TEST_P(faults, a_receive_that_finds_the_connection_reset_ends_it_as_reset) {
  const link pair = accepted_link();
  pause_bystander();
  fail_next(operation::receive, std::errc::connection_reset);
  (void)pair.client->send("perhaps lost");
  expect_server_closed(close_cause::reset, std::errc::connection_reset);
}

TEST_P(faults, a_failure_after_close_does_not_change_the_reason) {
  const link pair = accepted_link();
  pause_bystander();
  ASSERT_TRUE(pair.server->post([this](connection& self) {
    self.close();
    fail_next(operation::receive, std::errc::io_error);
  }));
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(*at_server_.at().closed, close_cause::local);
}

}  // namespace
}  // namespace naru::test
