// post: a task on the worker of a connection, as if it were a handler.

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

class posting : public network_test {};

INSTANTIATE_TEST_SUITE_P(engines, posting, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(posting, a_task_runs_on_the_worker_that_calls_the_handlers) {
  event ran;
  std::thread::id of_handler;
  std::thread::id of_task;
  const link pair =
      open_link({.at_server = {.connected = [&](connection&) { of_handler = std::this_thread::get_id(); }}});
  ASSERT_TRUE(pair.server->post([&](connection& self) {
    EXPECT_EQ(self.id(), pair.server->id());
    of_task = std::this_thread::get_id();
    ran.set();
  }));
  ASSERT_TRUE(ran.wait());
  EXPECT_EQ(of_task, of_handler);
}

TEST_P(posting, tasks_of_one_thread_run_in_order) {
  const link pair = open_link();
  std::vector<int> order;
  event done;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(pair.server->post([&, i](connection&) { order.push_back(i); }));
  }
  ASSERT_TRUE(pair.server->post([&](connection&) { done.set(); }));
  ASSERT_TRUE(done.wait());
  ASSERT_EQ(order.size(), 1000U);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST_P(posting, a_task_posted_in_a_handler_runs_after_it) {
  event done;
  std::vector<std::string> order;
  const link pair = open_link({.at_server = {.received = [&](connection& peer, bytes_view) {
                                 EXPECT_TRUE(peer.post([&](connection& self) {
                                   order.emplace_back("task");
                                   EXPECT_TRUE(self.post([&](connection&) {
                                     order.emplace_back("task of the task");
                                     done.set();
                                   }));
                                   order.emplace_back("end of the task");
                                 }));
                                 order.emplace_back("handler");
                               }}});
  ASSERT_TRUE(pair.client->send("go"));
  ASSERT_TRUE(done.wait());
  EXPECT_THAT(order, testing::ElementsAre("handler", "task", "end of the task", "task of the task"));
}

TEST_P(posting, a_task_is_destroyed_once_it_has_run) {
  const link pair = open_link();
  const auto token = std::make_shared<int>(1);
  event ran;
  ASSERT_TRUE(pair.server->post([&ran, token](connection&) { ran.set(); }));
  ASSERT_TRUE(ran.wait());
  EXPECT_TRUE(eventually([&] { return token.use_count() == 1; }));
}

TEST_P(posting, guarantee_2_tasks_that_wait_when_the_connection_ends_are_destroyed_unrun) {
  const auto token = std::make_shared<int>(1);
  event may_go;
  event blocked;
  std::atomic<bool> ended = false;
  const link pair = open_link({.at_server = {.closed = [&](connection&, close_reason) { ended = true; }}});
  // The worker is kept busy with the task that ends the connection, while others queue up behind it.
  ASSERT_TRUE(pair.server->post([&](connection& self) {
    blocked.set();
    EXPECT_TRUE(may_go.wait());
    self.abort();
  }));
  ASSERT_TRUE(blocked.wait());
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(pair.server->post([&ended, token](connection&) { EXPECT_FALSE(ended); }));
  }
  may_go.set();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_TRUE(eventually([&] { return token.use_count() == 1; }));
}

TEST_P(posting, a_task_that_is_refused_is_destroyed) {
  const link pair = open_link();
  pair.client->close();
  ASSERT_TRUE(at_client_.closed());
  const auto token = std::make_shared<int>(1);
  EXPECT_EQ(error_of(pair.client->post([token](connection&) { FAIL(); })), errc::closed);
  EXPECT_EQ(token.use_count(), 1);
}

TEST_P(posting, a_task_for_a_connection_that_is_still_connecting_runs) {
  event ran;
  const auto mine = connect(listen()).lock();
  ASSERT_TRUE(mine->post([&](connection&) { ran.set(); }));
  EXPECT_TRUE(ran.wait());
}

TEST_P(posting, a_task_destroyed_unrun_may_hold_the_last_reference_to_anything) {
  const link pair = open_link();
  struct sender {
    std::shared_ptr<connection> other;
    sender(std::shared_ptr<connection> peer) : other{std::move(peer)} {}
    sender(sender&&) = default;
    sender(const sender&) = delete;
    sender& operator=(const sender&) = delete;
    sender& operator=(sender&&) = delete;
    ~sender() {
      if (other) (void)other->send("from a destructor");
    }
    void operator()(connection&) const {}
  };
  pair.server->abort();
  (void)pair.server->post(sender{pair.server});
  ASSERT_TRUE(at_server_.closed());
}

}  // namespace
}  // namespace naru::test
