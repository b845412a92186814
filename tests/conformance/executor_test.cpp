// R2.1: handlers on a user's executor: in order and one at a time, and the worker never waits.

#include "support/executor_test.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class executors : public executor_test {};

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

}  // namespace
}  // namespace naru::test
