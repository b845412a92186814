// R6: handlers on a user's executor: in order and one at a time, the worker never waits, what waits is
// limited.

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/executors.hpp"
#include "support/udp_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class executors : public udp_test {
 protected:
  executors() { at_server_.expect_any_thread(); }
  void TearDown() override {
    // Networks end when their handlers have run.
    event ended;
    std::jthread runs_what_is_left{[&] {
      while (!ended.wait_for(1ms)) shelf_.run();
    }};
    destroy_networks();
    ended.set();
    runs_what_is_left.join();
    udp_test::TearDown();
  }

  /// A server whose handlers run there.
  endpoint serve(transport over, std::shared_ptr<const executor> there, hooks also = {},
                 connection_options options = {}) {
    options.handlers_on = std::move(there);
    return over == tcp ? listen(options, std::move(also)) : lease({.connection = options}, std::move(also));
  }
  std::shared_ptr<connection> call(transport over, const endpoint& where) {
    return over == tcp ? connect(where).lock() : connect_udp(where);
  }
  /// The thread of the server's only worker.
  std::thread::id worker_thread() {
    std::thread::id found;
    event known;
    server()
        .after(0ms,
               [&] {
                 found = std::this_thread::get_id();
                 known.set();
               })
        .value();
    EXPECT_TRUE(known.wait());
    return found;
  }
  testing::AssertionResult server_has_received(std::uint64_t messages) {
    return eventually([&] { return server().stats().messages_received == messages; });
  }

  task_shelf shelf_;
};

INSTANTIATE_TEST_SUITE_P(engines, executors, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(executors, everything_runs_there_in_order_and_never_on_the_worker) {
  thread_pool pool{3};
  constexpr std::size_t peers = 6;
  constexpr std::size_t messages = 20;
  const std::thread::id worker = worker_thread();
  std::atomic<int> on_worker = 0;
  const auto look = [&] {
    if (std::this_thread::get_id() == worker) ++on_worker;
  };
  const hooks looking = {.connected = [&](connection&) { look(); },
                         .received = [&](connection&, bytes_view) { look(); },
                         .closed = [&](connection&, close_reason) { look(); }};
  const endpoint where = serve(tcp, pool.taking(), looking);
  for (std::size_t i = 0; i < peers; ++i) {
    const auto mine = call(tcp, where);
    for (std::size_t n = 0; n < messages; ++n) ASSERT_TRUE(mine->send(std::to_string(n)));
    mine->close();
  }
  ASSERT_TRUE(at_server_.closed(peers));
  for (const record& each : at_server_.all()) {
    ASSERT_EQ(each.messages.size(), messages) << "what came before the end is delivered before on_closed";
    for (std::size_t n = 0; n < messages; ++n) EXPECT_EQ(each.messages[n], std::to_string(n));
  }
  EXPECT_EQ(on_worker, 0);
  destroy_networks();
}

TEST_P(executors, tasks_and_timers_of_a_connection_run_there_too) {
  for (const transport over : {tcp, udp}) {
    const endpoint where = serve(over, shelf_.taking());
    const std::size_t index = at_server_.all().size();
    const auto mine = call(over, where);
    ASSERT_TRUE(mine->send("first"));
    ASSERT_TRUE(shelf_.run_until([&] { return at_server_.connected(0) && at_server_.all().size() > index; }));
    const auto peer = at_server_.shell(index);
    std::vector<std::string> ran;  // on this thread alone, which runs the shelf's tasks
    int rounds = 0;
    ASSERT_TRUE(peer->post([&](connection& self) {
      EXPECT_EQ(&self, peer.get());
      ran.emplace_back("task");
    }));
    ASSERT_TRUE(peer->after(0ms, [&](connection&) { ran.emplace_back("timer"); }));
    timer periodic = peer->every(1ms, [&](connection&) { ++rounds; }).value();
    ASSERT_TRUE(shelf_.run_until([&] { return ran.size() == 2 && rounds >= 3; }));
    periodic.cancel();
    EXPECT_EQ(ran[0], "task");
    ASSERT_TRUE(shelf_.run_until([&] { return shelf_.size() == 0; }));
    const int last = rounds;
    shelf_.run();
    EXPECT_EQ(rounds, last);
  }
}

TEST_P(executors, a_timer_that_waits_there_can_still_be_called_off) {
  const endpoint where = serve(tcp, shelf_.taking());
  const auto mine = call(tcp, where);
  ASSERT_TRUE(shelf_.run_until([&] { return !at_server_.all().empty(); }));
  const auto peer = at_server_.shell();
  timer once = peer->after(0ms, [](connection&) { ADD_FAILURE() << "it was called off"; }).value();
  timer again = peer->every(1ms, [](connection&) { ADD_FAILURE() << "so was this one"; }).value();
  ASSERT_TRUE(shelf_.holds(1));
  EXPECT_TRUE(once.is_pending()) << "it has not begun";
  once.cancel();
  again.cancel();
  event posted;
  ASSERT_TRUE(peer->post([&](connection&) { posted.set(); }));
  EXPECT_TRUE(shelf_.run_until([&] { return posted.happened(); }));
  EXPECT_FALSE(once.is_pending());
}

TEST_P(executors, connections_run_side_by_side_and_the_worker_never_waits) {
  // Each handler waits for the other one, and both for a third connection, whose handlers the worker runs.
  thread_pool pool{2};
  std::atomic<int> inside = 0;
  event both;
  event served;
  const auto meet = [&](connection&, bytes_view) {
    if (++inside == 2) both.set();
    EXPECT_TRUE(both.wait());
    EXPECT_TRUE(served.wait());
  };
  const endpoint where = serve(tcp, pool.taking(), {.received = meet});
  recorder others;
  handlers echoing = others.make_handlers(
      {.received = [](connection& peer, bytes_view message) { EXPECT_TRUE(peer.send(message)); }});
  const endpoint elsewhere = listen(server(), std::move(echoing));
  const auto first = call(tcp, where);
  const auto second = call(tcp, where);
  ASSERT_TRUE(first->send("one"));
  ASSERT_TRUE(second->send("two"));
  ASSERT_TRUE(both.wait());
  const auto third = call(tcp, elsewhere);
  ASSERT_TRUE(third->send("ping"));
  EXPECT_TRUE(at_client_.received(1));
  served.set();
  EXPECT_TRUE(at_server_.received(2));
  destroy_networks();
}

TEST_P(executors, what_waits_is_limited_by_count_to_the_message) {
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

TEST_P(executors, what_waits_is_limited_by_bytes_to_the_byte) {
  const connection_options options{.max_message_bytes = 100, .backlog_bytes_max = 1000};
  const endpoint where = serve(tcp, shelf_.taking(), {}, options);
  const auto mine = call(tcp, where);
  for (int n = 0; n < 50; ++n) ASSERT_TRUE(mine->send(std::string(100, 'x')));
  ASSERT_TRUE(server_has_received(10));
  ASSERT_TRUE(eventually([&] { return server().stats().reading_paused == 1; }));
  EXPECT_EQ(server().stats().messages_received, 10U);
  EXPECT_TRUE(shelf_.run_until([&] { return at_server_.at().messages.size() == 50; }));
}

TEST_P(executors, datagrams_for_which_there_is_no_room_are_thrown_away) {
  const endpoint where = serve(udp, shelf_.taking(), {}, {.backlog_messages_max = 3});
  const auto mine = call(udp, where);
  for (int n = 0; n < 10; ++n) ASSERT_TRUE(mine->send(std::to_string(n)));
  ASSERT_TRUE(server_has_received(3));
  ASSERT_TRUE(eventually([&] { return server().stats().bytes_received == 10; }));
  EXPECT_TRUE(shelf_.run_until([&] { return at_server_.at().messages.size() == 3; }));
  EXPECT_EQ(at_server_.at().stream(), "012");
  EXPECT_EQ(at_server_.shell()->stats().datagrams_ignored, 7U);
}

TEST_P(executors, what_waits_counts_in_the_memory_budget) {
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

TEST_P(executors, a_busy_connection_leaves_its_thread_to_others_now_and_then) {
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

TEST_P(executors, messages_are_copies) {
  const endpoint where = serve(tcp, shelf_.taking());
  const auto mine = call(tcp, where);
  for (const char* message : {"first", "second", "third"}) ASSERT_TRUE(mine->send(message));
  ASSERT_TRUE(server_has_received(3));
  ASSERT_TRUE(shelf_.run_until([&] { return at_server_.at().messages.size() == 3; }));
  EXPECT_EQ(at_server_.at().stream(), "firstsecondthird");
}

TEST_P(executors, handlers_can_do_there_what_they_can_on_the_worker) {
  thread_pool pool{2};
  for (const transport over : {tcp, udp}) {
    for (const auto& there : {pool.taking(), run_at_once()}) {
      const std::size_t before = at_client_.all().size();
      std::string heard;
      handlers later;
      event ended;
      later.on_received = [](connection& peer, bytes_view message) {
        EXPECT_TRUE(peer.send(message));
        peer.close();
      };
      later.on_closed = [&](connection&, close_reason why) {
        EXPECT_EQ(why.cause, close_cause::local);
        ended.set();
      };
      const auto shared = std::make_shared<handlers>(std::move(later));
      handlers first;
      first.on_connected = [](connection& peer) { peer.confirm(); };
      first.on_received = [shared](connection& peer, bytes_view message) {
        EXPECT_TRUE(peer.send(message));
        EXPECT_TRUE(peer.exchange_handlers(std::move(*shared)));
      };
      connection_options options;
      options.handlers_on = there;
      const socket_id id = server().bind(over, environment_->bind_address()).value();
      server().listen(id, std::move(first), {.connection = options}).value();
      const auto mine = call(over, server().local_endpoint(id).value());
      ASSERT_TRUE(mine->send("one"));
      ASSERT_TRUE(eventually([&] { return !at_client_.at(before).messages.empty(); }));
      ASSERT_TRUE(mine->send("two"));
      ASSERT_TRUE(ended.wait()) << "the ones that were exchanged hear of the end";
      ASSERT_TRUE(eventually([&] { return at_client_.at(before).stream() == "onetwo"; }));
      mine->close();
    }
  }
  destroy_networks();
}

TEST_P(executors, outside_of_its_own_handlers_they_cannot_be_exchanged) {
  const endpoint where = serve(tcp, shelf_.taking());
  const auto first = call(tcp, where);
  const auto second = call(tcp, where);
  ASSERT_TRUE(shelf_.run_until([&] { return at_server_.all().size() == 2; }));
  EXPECT_EQ(error_of(at_server_.shell(0)->exchange_handlers(handlers{})), errc::not_in_handler);
  event done;
  ASSERT_TRUE(at_server_.shell(0)->post([&](connection&) {
    EXPECT_EQ(error_of(at_server_.shell(1)->exchange_handlers(handlers{})), errc::not_in_handler);
    done.set();
  }));
  EXPECT_TRUE(shelf_.run_until([&] { return done.happened(); }));
}

TEST_P(executors, who_closes_hears_no_more) {
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

TEST_P(executors, pausing_holds_back_what_waits_there) {
  for (const transport over : {tcp, udp}) {
    const std::size_t index = at_server_.all().size();
    const auto pauses = std::make_shared<std::atomic<bool>>(true);
    const endpoint where = serve(over, shelf_.taking(), {.received = [pauses](connection& peer, bytes_view) {
                                   if (pauses->exchange(false)) peer.pause_receiving();
                                 }});
    const auto mine = call(over, where);
    const std::uint64_t before = server().stats().messages_received;
    for (const char* message : {"1", "2", "3"}) ASSERT_TRUE(mine->send(message));
    ASSERT_TRUE(server_has_received(before + 3));
    event task_ran;
    ASSERT_TRUE(shelf_.run_until([&] { return at_server_.all().size() > index; }));
    const auto peer = at_server_.shell(index);
    ASSERT_TRUE(peer->post([&](connection&) { task_ran.set(); }));
    ASSERT_TRUE(shelf_.run_until([&] { return task_ran.happened(); })) << "tasks are not held back";
    EXPECT_EQ(at_server_.at(index).stream(), "1");
    peer->resume_receiving();
    EXPECT_TRUE(shelf_.run_until([&] { return at_server_.at(index).stream() == "123"; }));
  }
}

TEST_P(executors, the_end_of_the_peers_stream_comes_after_its_messages) {
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

TEST_P(executors, a_task_that_is_thrown_away_ends_the_connection_on_the_worker) {
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

TEST_P(executors, on_closed_itself_may_be_thrown_away) {
  const endpoint where = serve(tcp, shelf_.taking());
  const auto mine = call(tcp, where);
  ASSERT_TRUE(shelf_.run_until([&] { return !at_server_.all().empty(); }));
  mine->abort();
  ASSERT_TRUE(shelf_.holds(1));
  shelf_.throw_away();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_TRUE(eventually([&] { return server().stats().open == 0; }));
}

TEST_P(executors, one_that_throws_ends_the_connection_and_is_logged) {
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

TEST_P(executors, a_handler_that_throws_there_ends_the_connection) {
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

TEST_P(executors, what_would_wait_for_the_network_is_refused_there_too) {
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

TEST_P(executors, stop_names_what_never_runs_or_never_returns_there) {
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

TEST_P(executors, a_datagram_peer_may_come_back_before_its_on_closed_has_run) {
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

TEST_P(executors, a_network_may_end_with_everything_waiting_there) {
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

TEST_P(executors, an_empty_one_is_refused) {
  const auto empty = std::make_shared<const executor>();
  const socket_id id = server().bind(tcp, environment_->bind_address()).value();
  EXPECT_EQ(error_of(server().listen(id, {}, {.connection = {.handlers_on = empty}})),
            errc::executor_missing);
  EXPECT_EQ(error_of(client().connect(tcp, server().local_endpoint(id).value(), {},
                                      {.connection = {.handlers_on = empty}})),
            errc::executor_missing);
}

TEST_P(executors, a_connect_that_fails_is_told_there) {
  connection_options options;
  options.handlers_on = shelf_.taking();
  at_client_.expect_any_thread();
  connect(deserted_endpoint(), {.connection = options});
  ASSERT_TRUE(shelf_.run_until([&] { return !at_client_.all().empty() && at_client_.at().closed; }));
  EXPECT_EQ(at_client_.at().closed->cause, close_cause::connect_failed);
}

}  // namespace
}  // namespace naru::test
