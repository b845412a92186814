// R2.1, R4.2: handlers on a user's executor: what may wait for them is limited, and how such connections end.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/executor_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class executor_limits : public executor_test {};

INSTANTIATE_TEST_SUITE_P(engines, executor_limits, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(executor_limits, what_waits_is_limited_by_count_to_the_message) {
  constexpr std::size_t most = 3;
  const endpoint where = serve(tcp, shelf_.taking(), {}, {.backlog_messages_max = most});
  const auto mine = call(tcp, where);
  for (int n = 0; n < 50; ++n) ASSERT_TRUE(mine->send(std::to_string(n)));
  ASSERT_TRUE(server_has_received(most));
  ASSERT_TRUE(eventually([&] { return server().stats().reading_paused == 1; }));
  EXPECT_EQ(server().stats().messages_received, most) << "the rest stays with the peer";
  ASSERT_TRUE(shelf_.run_until([&] { return server().stats().messages_received == 50; }));
  ASSERT_TRUE(shelf_.run_until([&] { return at_server_.at().messages.size() == 50; }));
  for (std::size_t n = 0; n < 50; ++n) EXPECT_EQ(at_server_.at().messages[n], std::to_string(n));
}

TEST_P(executor_limits, what_waits_is_limited_by_bytes_to_the_byte) {
  const connection_options options{.max_message_bytes = 100, .backlog_bytes_max = 1000};
  const endpoint where = serve(tcp, shelf_.taking(), {}, options);
  const auto mine = call(tcp, where);
  for (int n = 0; n < 50; ++n) ASSERT_TRUE(mine->send(std::string(100, 'x')));
  ASSERT_TRUE(server_has_received(10));
  ASSERT_TRUE(eventually([&] { return server().stats().reading_paused == 1; }));
  EXPECT_EQ(server().stats().messages_received, 10U);
  EXPECT_TRUE(shelf_.run_until([&] { return at_server_.at().messages.size() == 50; }));
}

TEST_P(executor_limits, datagrams_for_which_there_is_no_room_are_thrown_away) {
  const endpoint where = serve(udp, shelf_.taking(), {}, {.backlog_messages_max = 3});
  const auto mine = call(udp, where);
  for (int n = 0; n < 10; ++n) ASSERT_TRUE(mine->send(std::to_string(n)));
  ASSERT_TRUE(server_has_received(3));
  ASSERT_TRUE(eventually([&] { return server().stats().bytes_received == 10; }));
  EXPECT_TRUE(shelf_.run_until([&] { return at_server_.at().messages.size() == 3; }));
  EXPECT_EQ(at_server_.at().stream(), "012");
  EXPECT_EQ(at_server_.shell()->stats().datagrams_ignored, 7U);
}

TEST_P(executor_limits, what_waits_counts_in_the_memory_budget) {
  // Small messages: each takes some more than its bytes.
  network& small = start_network({.workers = 1, .memory_max = 1 << 20});
  connection_options options;
  options.handlers_on = shelf_.taking();
  const endpoint where = listen(small, at_server_.make_handlers(), options);
  const auto mine = call(tcp, where);
  for (int n = 0; n < 10'000; ++n) static_cast<void>(mine->send("x"));
  ASSERT_TRUE(eventually([&] { return at_client_.at().closed.has_value(); }))
      << "the connection that has most waiting is closed";
  EXPECT_LE(small.stats().memory_bytes_highest, std::size_t{1} << 20);
  ASSERT_TRUE(shelf_.run_until([&] { return at_server_.at().closed.has_value(); }));
  EXPECT_EQ(at_server_.at().closed->cause, close_cause::memory);
  ASSERT_TRUE(small.stop());
  EXPECT_EQ(small.stats().memory_bytes, 0U);
}

TEST_P(executor_limits, a_busy_connection_leaves_its_thread_to_others_now_and_then) {
  const endpoint where = serve(tcp, shelf_.taking());
  const auto mine = call(tcp, where);
  for (int n = 0; n < 600; ++n) ASSERT_TRUE(mine->send("x"));
  ASSERT_TRUE(server_has_received(600));
  ASSERT_EQ(shelf_.size(), 1U);
  shelf_.run();
  EXPECT_EQ(at_server_.at().messages.size(), 255U) << "with on_connected, 256 calls";
  ASSERT_TRUE(shelf_.holds(1));
  shelf_.run();
  EXPECT_EQ(at_server_.at().messages.size(), 511U);
  EXPECT_TRUE(shelf_.run_until([&] { return at_server_.at().messages.size() == 600; }));
}

TEST_P(executor_limits, who_closes_hears_no_more) {
  for (const auto& close : std::vector<std::function<void(connection&)>>{
           [](connection& peer) { peer.close(); }, [](connection& peer) { peer.abort(); }}) {
    const std::size_t index = at_server_.all().size();
    const endpoint where =
        serve(tcp, shelf_.taking(), {.received = [close](connection& peer, bytes_view) { close(peer); }});
    const auto mine = call(tcp, where);
    const std::uint64_t before = server().stats().messages_received;
    for (const char* message : {"close", "late", "later"}) ASSERT_TRUE(mine->send(message));
    ASSERT_TRUE(server_has_received(before + 3));
    ASSERT_TRUE(shelf_.run_until([&] { return at_server_.at(index).closed.has_value(); }));
    EXPECT_EQ(at_server_.at(index).stream(), "close");
    EXPECT_EQ(at_server_.at(index).closed->cause, close_cause::local);
  }
}

TEST_P(executor_limits, the_end_of_the_peers_stream_comes_after_its_messages) {
  const endpoint where = serve(tcp, shelf_.taking(), {}, {.half_open = true});
  const auto mine = call(tcp, where);
  for (const char* message : {"1", "2"}) ASSERT_TRUE(mine->send(message));
  mine->close();
  ASSERT_TRUE(server_has_received(2));
  ASSERT_TRUE(shelf_.run_until([&] { return at_server_.at().peer_ended; }));
  EXPECT_EQ(at_server_.at().stream(), "12");
  EXPECT_FALSE(at_server_.at().closed);
  at_server_.shell()->close();
}

TEST_P(executor_limits, a_task_that_is_thrown_away_ends_the_connection_on_the_worker) {
  const std::thread::id worker = worker_thread();
  for (const transport over : {tcp, udp}) {
    // Shared with handlers, which run on for what comes back by itself.
    const auto told = std::make_shared<std::thread::id>();
    const std::size_t index = at_server_.all().size();
    const endpoint where =
        serve(over, shelf_.taking(), {.closed = [this, told, index](connection& peer, close_reason) {
                if (peer.id() == at_server_.at(index).id) *told = std::this_thread::get_id();
              }});
    const auto mine = call(over, where);
    ASSERT_TRUE(mine->send("first"));
    ASSERT_TRUE(shelf_.run_until([&] { return at_server_.all().size() > index; }));
    ASSERT_TRUE(mine->send("unheard"));
    ASSERT_TRUE(shelf_.holds(1));
    shelf_.throw_away();
    ASSERT_TRUE(eventually([&] { return at_server_.at(index).closed.has_value(); }));
    EXPECT_EQ(at_server_.at(index).closed->cause, close_cause::executor_failed);
    EXPECT_EQ(*told, worker);
  }
}

TEST_P(executor_limits, on_closed_itself_may_be_thrown_away) {
  const endpoint where = serve(tcp, shelf_.taking());
  const auto mine = call(tcp, where);
  ASSERT_TRUE(shelf_.run_until([&] { return !at_server_.all().empty(); }));
  mine->abort();
  ASSERT_TRUE(shelf_.holds(1));
  shelf_.throw_away();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_TRUE(eventually([&] { return server().stats().open == 0; }));
}

TEST_P(executor_limits, one_that_throws_ends_the_connection_and_is_logged) {
  const auto throwing =
      std::make_shared<const executor>([](const task&) { throw std::runtime_error{"no threads left"}; });
  for (const transport over : {tcp, udp}) {
    const std::size_t before = at_server_.all().size();
    const auto mine = call(over, serve(over, throwing));
    ASSERT_TRUE(mine->send("unheard"));
    ASSERT_TRUE(at_server_.closed(before + 1));
    EXPECT_EQ(at_server_.at(before).closed->cause, close_cause::executor_failed);
    EXPECT_TRUE(at_server_.at(before).messages.empty());
    EXPECT_TRUE(log_.has(log_level::error, "executor threw: no threads left"));
  }
}

TEST_P(executor_limits, a_handler_that_throws_there_ends_the_connection) {
  for (const transport over : {tcp, udp}) {
    const std::size_t index = at_server_.all().size();
    const auto throwing = [](connection&, bytes_view) { throw std::runtime_error{"handler's own"}; };
    const auto mine = call(over, serve(over, shelf_.taking(), {.received = throwing}));
    ASSERT_TRUE(mine->send("1"));
    ASSERT_TRUE(mine->send("2"));
    ASSERT_TRUE(
        shelf_.run_until([&] { return at_server_.all().size() > index && at_server_.at(index).closed; }));
    EXPECT_EQ(at_server_.at(index).closed->cause, close_cause::handler_threw);
    EXPECT_TRUE(log_.has(log_level::error, "on_received threw: handler's own"));
  }
}

TEST_P(executor_limits, what_would_wait_for_the_network_is_refused_there_too) {
  thread_pool pool{1};
  network& own = server();
  const socket_id id = own.bind(tcp, environment_->bind_address()).value();
  std::error_code stopped;
  std::error_code drained;
  const auto try_all = [&](connection&, bytes_view) {
    stopped = error_of(own.stop());
    drained = error_of(own.drain(id));
  };
  connection_options options;
  options.handlers_on = pool.taking();
  own.listen(id, at_server_.make_handlers({.received = try_all}), {.connection = options}).value();
  ASSERT_TRUE(call(tcp, own.local_endpoint(id).value())->send("now"));
  ASSERT_TRUE(at_server_.received(1));
  EXPECT_EQ(stopped, errc::own_worker);
  EXPECT_EQ(drained, errc::own_worker);
  destroy_networks();
}

TEST_P(executor_limits, stop_names_what_never_runs_or_never_returns_there) {
  thread_pool pool{1};
  event release;
  event inside;
  network& impatient = start_network({.workers = 1, .handler_patience = 10ms});
  const auto stay = [&](connection&, bytes_view) {
    inside.set();
    EXPECT_TRUE(release.wait());
  };
  connection_options on_pool;
  on_pool.handlers_on = pool.taking();
  connection_options on_shelf;
  on_shelf.handlers_on = shelf_.taking();
  const endpoint staying = listen(impatient, at_server_.make_handlers({.received = stay}), on_pool);
  const endpoint shelved = listen(impatient, at_server_.make_handlers(), on_shelf);
  ASSERT_TRUE(call(tcp, staying)->send("stay"));
  ASSERT_TRUE(inside.wait());
  EXPECT_EQ(error_of(impatient.stop()), errc::handler_stuck);
  EXPECT_TRUE(log_.has(log_level::error, ": on_received on its executor"));
  release.set();
  ASSERT_TRUE(impatient.stop());

  ASSERT_TRUE(impatient.start());
  const endpoint again = listen(impatient, at_server_.make_handlers(), on_shelf);
  static_cast<void>(shelved);
  ASSERT_TRUE(call(tcp, again));
  ASSERT_TRUE(shelf_.holds(1));
  EXPECT_EQ(error_of(impatient.stop()), errc::handler_stuck);
  EXPECT_TRUE(log_.has(log_level::error, "a task that its executor has not run"));
  shelf_.run();
  std::jthread runner{
      [&] { EXPECT_TRUE(shelf_.run_until([&] { return at_server_.all().back().closed.has_value(); })); }};
  EXPECT_TRUE(impatient.stop());
}

TEST_P(executor_limits, a_datagram_peer_may_come_back_before_its_on_closed_has_run) {
  const endpoint where = serve(udp, shelf_.taking());
  const auto mine = call(udp, where);
  ASSERT_TRUE(mine->send("one"));
  ASSERT_TRUE(
      shelf_.run_until([&] { return !at_server_.all().empty() && !at_server_.at().messages.empty(); }));
  at_server_.shell()->close();
  ASSERT_TRUE(shelf_.holds(1)) << "its on_closed";
  ASSERT_TRUE(mine->send("two"));
  ASSERT_TRUE(shelf_.holds(2)) << "the next connection of the same address";
  EXPECT_FALSE(at_server_.at().closed);
  ASSERT_TRUE(shelf_.run_until([&] { return at_server_.at().closed && at_server_.all().size() == 2; }));
  ASSERT_TRUE(shelf_.run_until([&] { return at_server_.at(1).stream() == "two"; }));
}

TEST_P(executor_limits, a_network_may_end_with_everything_waiting_there) {
  thread_pool pool{2};
  auto doomed = make_network({.workers = 2, .log = log_.handler()});
  ASSERT_TRUE(doomed->start());
  connection_options options;
  options.handlers_on = pool.taking();
  for (const transport over : {tcp, udp}) {
    const socket_id id = doomed->bind(over, environment_->bind_address()).value();
    doomed->listen(id, at_server_.make_handlers(), {.connection = options}).value();
    for (int i = 0; i < 4; ++i) {
      const auto mine = call(over, doomed->local_endpoint(id).value());
      for (int n = 0; n < 10; ++n) static_cast<void>(mine->send("x"));
    }
  }
  ASSERT_TRUE(at_server_.connected(8));
  doomed.reset();
  for (const record& each : at_server_.all()) EXPECT_TRUE(each.closed);
}

TEST_P(executor_limits, an_empty_one_is_refused) {
  const auto empty = std::make_shared<const executor>();
  const socket_id id = server().bind(tcp, environment_->bind_address()).value();
  EXPECT_EQ(error_of(server().listen(id, {}, {.connection = {.handlers_on = empty}})),
            errc::executor_missing);
  EXPECT_EQ(error_of(client().connect(tcp, server().local_endpoint(id).value(), {},
                                      {.connection = {.handlers_on = empty}})),
            errc::executor_missing);
}

TEST_P(executor_limits, a_connect_that_fails_is_told_there) {
  connection_options options;
  options.handlers_on = shelf_.taking();
  at_client_.expect_any_thread();
  connect(deserted_endpoint(), {.connection = options});
  ASSERT_TRUE(shelf_.run_until([&] { return !at_client_.all().empty() && at_client_.at().closed; }));
  EXPECT_EQ(at_client_.at().closed->cause, close_cause::connect_failed);
}

}  // namespace
}  // namespace naru::test
