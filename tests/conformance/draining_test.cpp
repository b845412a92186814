// R2.5: a listener is drained. What its connections have queued is sent, others are not disturbed.

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class draining : public network_test {
 protected:
  /// A listener with `at_server_`.
  socket_id open(network& where, const connection_options& options = {}, hooks also = {}) {
    const socket_id id = where.bind(tcp, environment_->bind_address()).value();
    where.listen(id, at_server_.make_handlers(std::move(also)), {.connection = options}).value();
    address_ = where.local_endpoint(id).value();
    return id;
  }
  /// In a thread of its own, whose future waits for it.
  static std::future<std::error_code> drain_aside(network& where, socket_id id,
                                                  std::chrono::milliseconds grace = patience) {
    return std::async(std::launch::async, [&where, id, grace] { return error_of(where.drain(id, grace)); });
  }

  endpoint address_;
};

INSTANTIATE_TEST_SUITE_P(engines, draining, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(draining, all_that_is_queued_arrives_before_drain_returns) {
  constexpr std::size_t connections = 5;
  const std::size_t bytes = std::min(bulk_bytes() / connections, std::size_t{1} << 20);
  network& wide = start_network(2);
  const socket_id id = open(wide, {.frames = framing::raw()});
  const std::string sent = pattern(bytes);
  for (std::size_t i = 0; i < connections; ++i) {
    connect(address_, {.connection = {.frames = framing::raw()}});
    ASSERT_TRUE(at_server_.connected(i + 1));
    ASSERT_TRUE(at_client_.connected(i + 1));
    at_client_.shell(i)->pause_receiving();
    ASSERT_TRUE(at_server_.shell(i)->send(sent));
  }
  auto drained = drain_aside(wide, id);
  ASSERT_TRUE(at_server_.listener_closed(id));
  for (const auto& each : at_client_.shells()) each->resume_receiving();

  EXPECT_EQ(drained.get(), std::error_code{});
  for (const record& each : at_server_.all()) {
    ASSERT_TRUE(each.closed);
    EXPECT_EQ(*each.closed, close_cause::lessor_closed);
    EXPECT_EQ(each.closed->error, std::error_code{});
  }
  EXPECT_EQ(wide.stats().open, 0U);
  ASSERT_TRUE(at_client_.closed(connections));
  for (const record& each : at_client_.all()) {
    EXPECT_EQ(*each.closed, close_cause::peer);
    EXPECT_TRUE(each.stream() == sent);
  }
}

TEST_P(draining, what_is_left_after_the_grace_is_reset) {
  const socket_id id = open(server(), {.frames = framing::raw(), .linger_timeout = 1h});
  const auto mine = connect(address_, {.connection = {.frames = framing::raw(), .half_open = true}}).lock();
  ASSERT_TRUE(at_client_.connected());
  ASSERT_TRUE(at_server_.connected());
  mine->pause_receiving();
  const std::string bulk = pattern(50'000);
  const auto peer = at_server_.shell();
  // More than any system takes for a peer that does not read.
  for (int i = 0; i < 160; ++i) ASSERT_TRUE(peer->send(bulk));

  ASSERT_TRUE(server().drain(id, 10ms));
  const record seen = at_server_.at();
  ASSERT_TRUE(seen.closed);
  EXPECT_EQ(*seen.closed, close_cause::lessor_closed);
  EXPECT_EQ(seen.closed->error, std::errc::timed_out);
  EXPECT_TRUE(at_server_.listener_closed(id));
  mine->resume_receiving();
  ASSERT_TRUE(at_client_.closed());
}

TEST_P(draining, without_grace_nobody_is_waited_for) {
  const socket_id id = open(server(), {.linger_timeout = 1h});
  connect(address_, {.connection = {.half_open = true}});
  ASSERT_TRUE(at_server_.connected());
  ASSERT_TRUE(server().drain(id));
  EXPECT_TRUE(at_server_.at().closed);
  EXPECT_TRUE(eventually([this] {
    const record seen = at_client_.at();
    return seen.closed || seen.peer_ended;
  })) << "the peer notices";
}

TEST_P(draining, other_listeners_and_connects_are_not_disturbed) {
  const socket_id other =
      open(server(), {},
           {.received = [](connection& peer, bytes_view message) { EXPECT_TRUE(peer.send(message)); }});
  const auto bystander = connect(address_).lock();
  ASSERT_TRUE(at_server_.connected(1));
  const endpoint elsewhere = listen(client(), handlers{});
  recorder at_outgoing;
  const auto outgoing = connect(server(), elsewhere, at_outgoing.make_handlers()).lock();
  ASSERT_TRUE(at_outgoing.connected());
  const socket_id id = open(server());
  connect(address_);
  ASSERT_TRUE(at_server_.connected(2));

  ASSERT_TRUE(server().drain(id, patience));
  EXPECT_TRUE(at_server_.at(1).closed);
  EXPECT_FALSE(at_server_.at(0).closed);
  EXPECT_FALSE(outgoing->is_closed());
  EXPECT_TRUE(server().local_endpoint(other));
  ASSERT_TRUE(bystander->send("served still"));
  EXPECT_TRUE(at_client_.received(1));
  destroy_networks();
}

TEST_P(draining, nobody_who_is_on_his_way_in_escapes) {
  constexpr std::size_t connections = 60;
  network& wide = start_network(3);
  const socket_id id = open(wide);
  for (std::size_t i = 0; i < connections; ++i) connect(address_);
  ASSERT_TRUE(at_server_.connected(1));
  ASSERT_TRUE(wide.drain(id, patience));
  const std::size_t seen = at_server_.all().size();
  for (const record& each : at_server_.all()) EXPECT_TRUE(each.closed);
  EXPECT_EQ(wide.stats().open, 0U);
  ASSERT_TRUE(at_client_.closed(connections)) << "each is served or turned away";
  EXPECT_EQ(at_server_.all().size(), seen);
}

TEST_P(draining, the_port_is_free_and_the_handlers_are_gone_afterwards) {
  const auto token = std::make_shared<int>(1);
  const socket_id id = open(server(), {}, {.connected = [token](connection&) {}});
  connect(address_);
  ASSERT_TRUE(at_server_.connected());
  ASSERT_TRUE(server().drain(id, patience));
  EXPECT_TRUE(eventually([&] { return token.use_count() == 1; }));
  EXPECT_TRUE(server().bind(tcp, address_));
}

TEST_P(draining, a_socket_that_does_not_listen_is_just_closed) {
  const socket_id id = server().bind(tcp, environment_->bind_address()).value();
  const endpoint where = server().local_endpoint(id).value();
  ASSERT_TRUE(server().drain(id, 1h));
  EXPECT_EQ(error_of(server().local_endpoint(id)), errc::unknown_socket);
  EXPECT_TRUE(server().bind(tcp, where));
}

TEST_P(draining, only_a_socket_of_a_network_that_runs_can_be_drained) {
  network& idle = add_network({.workers = 1});
  EXPECT_EQ(error_of(idle.drain(socket_id{1})), errc::not_running);
  EXPECT_EQ(error_of(server().drain(socket_id{0})), errc::unknown_socket);
  const socket_id closed = open(server());
  ASSERT_TRUE(server().close(closed));
  EXPECT_EQ(error_of(server().drain(closed)), errc::unknown_socket);
  const socket_id drained = open(server());
  ASSERT_TRUE(server().drain(drained));
  EXPECT_EQ(error_of(server().drain(drained)), errc::unknown_socket);
  EXPECT_EQ(error_of(server().close(drained)), errc::unknown_socket);
  const socket_id late = open(server());
  ASSERT_TRUE(server().stop());
  EXPECT_EQ(error_of(server().drain(late)), errc::not_running);
}

TEST_P(draining, in_a_handler_it_is_an_error_and_ends_nothing) {
  event asked;
  std::error_code inside;
  socket_id id = {};
  id = open(server(), {}, {.received = [&](connection&, bytes_view) {
              inside = error_of(server().drain(id));
              asked.set();
            }});
  const auto mine = connect(address_).lock();
  ASSERT_TRUE(at_server_.connected());
  ASSERT_TRUE(mine->send("drain it"));
  ASSERT_TRUE(asked.wait());
  EXPECT_EQ(inside, errc::own_worker);
  EXPECT_FALSE(mine->is_closed());
  EXPECT_TRUE(server().local_endpoint(id));
}

TEST_P(draining, a_polled_network_is_turned_by_it) {
  network& polled = start_network(network_options{.workers = 0});
  const socket_id id = open(polled, {.frames = framing::raw()});
  connect(address_, {.connection = {.frames = framing::raw()}});
  while (at_server_.all().empty()) ASSERT_TRUE(polled.poll(10ms));
  const std::string sent = pattern(std::min(bulk_bytes(), std::size_t{200'000}));
  ASSERT_TRUE(at_server_.shell()->send(sent));
  ASSERT_TRUE(polled.drain(id, patience));
  EXPECT_TRUE(at_server_.at().closed);
  ASSERT_TRUE(at_client_.closed());
  EXPECT_TRUE(at_client_.at().stream() == sent);
  EXPECT_TRUE(polled.poll()) << "the network goes on";
}

TEST_P(draining, a_polled_network_may_be_destroyed_by_a_handler_that_it_runs) {
  auto polled = make_network({.workers = 0, .log = log_.handler()});
  ASSERT_TRUE(polled->start());
  const socket_id id = open(*polled, {}, {.closed = [&](connection&, close_reason) { polled.reset(); }});
  connect(address_);
  while (at_server_.all().empty()) ASSERT_TRUE(polled->poll(10ms));
  EXPECT_TRUE(polled->drain(id, patience));
  EXPECT_EQ(polled, nullptr);
  EXPECT_TRUE(at_server_.at().closed);
}

TEST_P(draining, a_stop_beside_it_ends_both) {
  const socket_id id = open(server(), {.linger_timeout = 1h});
  connect(address_, {.connection = {.half_open = true}});
  ASSERT_TRUE(at_server_.connected());
  auto drained = drain_aside(server(), id, 1h);
  ASSERT_TRUE(at_server_.listener_closed(id));
  ASSERT_TRUE(server().stop());
  EXPECT_EQ(drained.get(), std::error_code{});
  EXPECT_EQ(*at_server_.at().closed, close_cause::lessor_closed) << "the first cause counts";
}

TEST_P(draining, a_second_one_beside_it_waits_too_and_close_finds_nothing) {
  const socket_id id = open(server(), {.linger_timeout = 1h});
  const auto mine = connect(address_, {.connection = {.half_open = true}}).lock();
  ASSERT_TRUE(at_server_.connected());
  auto first = drain_aside(server(), id, 1h);
  ASSERT_TRUE(at_server_.listener_closed(id));
  EXPECT_EQ(error_of(server().close(id)), errc::unknown_socket);
  auto second = drain_aside(server(), id, 0ms);
  EXPECT_FALSE(mine->is_closed());
  mine->close();
  EXPECT_EQ(first.get(), std::error_code{});
  // Its beginning may have come after the end of the other.
  const std::error_code other = second.get();
  EXPECT_TRUE(!other || other == errc::unknown_socket) << other.message();
}

TEST_P(draining, one_that_was_being_closed_ends_as_it_would_have) {
  const socket_id id = open(server(), {.linger_timeout = 1h});
  connect(address_, {.connection = {.half_open = true}});
  ASSERT_TRUE(at_server_.connected());
  at_server_.shell()->close();
  ASSERT_TRUE(at_client_.peer_ended());
  ASSERT_TRUE(server().drain(id));
  EXPECT_EQ(*at_server_.at().closed, close_cause::local);
}

/// With time that passes when the test says so.
class draining_time : public draining {
 protected:
  draining_time() {
    environment_ = std::make_unique<engine_environment>(
        engine::simulated::hostility{}, engine::simulated::world_options{.manual_time = true});
  }
};

INSTANTIATE_TEST_SUITE_P(manual_time, draining_time, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(draining_time, the_grace_is_as_long_as_was_said) {
  const socket_id id = open(server(), {.linger_timeout = 1h});
  const auto mine = connect(address_, {.connection = {.half_open = true}}).lock();
  ASSERT_TRUE(at_server_.connected());
  auto drained = drain_aside(server(), id, 10s);
  ASSERT_TRUE(at_server_.listener_closed(id));
  ASSERT_TRUE(environment_->world().wait_until_idle());
  environment_->world().advance(9'999ms);
  ASSERT_TRUE(environment_->world().wait_until_idle());
  EXPECT_FALSE(at_server_.at().closed);
  environment_->world().advance(2ms);
  EXPECT_EQ(drained.get(), std::error_code{});
  EXPECT_TRUE(at_server_.at().closed);
}

}  // namespace
}  // namespace naru::test
