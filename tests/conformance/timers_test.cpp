// after and every: on whose thread they run, how they are called off, and what becomes of them at an end.

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "support/udp_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class timers : public udp_test {
 protected:
  /// One connection of each kind: from each side, over both transports.
  std::vector<std::shared_ptr<connection>> one_of_each_kind() {
    const link over_tcp = open_link();
    const endpoint where = lease();
    auto lessor = connect_udp(where);
    lessor->send("first").value();
    if (!at_server_.connected(2)) throw std::runtime_error{"the datagram did not come"};
    return {over_tcp.client, over_tcp.server, std::move(lessor), at_server_.shell(1)};
  }

  /// Without the other side of the TCP connection, which ends with it.
  std::vector<std::shared_ptr<connection>> one_of_each_kind_apart() {
    auto all = one_of_each_kind();
    all.erase(all.begin() + 1);
    return all;
  }

  /// Here, since what goes on until the network ends outlives the test's own.
  std::atomic<int> runs_ = 0;

  static auto unrun(std::shared_ptr<int> token) {
    return [token = std::move(token)](auto&&...) { ADD_FAILURE() << "it ran"; };
  }
};

INSTANTIATE_TEST_SUITE_P(engines, timers, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(timers, a_function_runs_once_on_a_worker_and_is_destroyed) {
  const auto token = std::make_shared<int>(1);
  event ran;
  std::thread::id where;
  const auto before = std::chrono::steady_clock::now();
  auto after = before;
  const timer waiting = server()
                            .after(20ms,
                                   [&, token] {
                                     where = std::this_thread::get_id();
                                     after = std::chrono::steady_clock::now();
                                     ran.set();
                                   })
                            .value();
  ASSERT_TRUE(ran.wait());
  EXPECT_NE(where, std::this_thread::get_id());
  EXPECT_GE(after - before, 20ms);
  EXPECT_FALSE(waiting.is_pending());
  EXPECT_TRUE(eventually([&] { return token.use_count() == 1; }));
}

TEST_P(timers, a_periodic_one_whose_handle_is_dropped_goes_on) {
  ASSERT_TRUE(server().every(1ms, [this] { ++runs_; }));
  EXPECT_TRUE(eventually([&] { return runs_ >= 5; }));
}

TEST_P(timers, a_periodic_one_can_call_itself_off) {
  const auto token = std::make_shared<int>(1);
  std::atomic<int> runs = 0;
  event done;
  timer own;
  event known;
  own = server()
            .every(1ms,
                   [&, token] {
                     ASSERT_TRUE(known.wait());
                     EXPECT_TRUE(own.is_pending());
                     if (++runs < 3) return;
                     own.cancel();
                     EXPECT_FALSE(own.is_pending());
                     EXPECT_GT(token.use_count(), 1) << "it is not destroyed while it runs";
                     done.set();
                   })
            .value();
  known.set();
  ASSERT_TRUE(done.wait());
  ASSERT_TRUE(eventually([&] { return token.use_count() == 1; }));
  EXPECT_EQ(runs, 3);
}

TEST_P(timers, those_of_a_connection_run_where_its_handlers_do) {
  const auto connections = one_of_each_kind();
  for (const auto& each : connections) {
    event ran;
    std::thread::id of_task;
    std::thread::id of_timer;
    ASSERT_TRUE(each->post([&](connection&) { of_task = std::this_thread::get_id(); }));
    ASSERT_TRUE(each->after(1ms, [&](connection& self) {
      EXPECT_EQ(&self, each.get());
      of_timer = std::this_thread::get_id();
      EXPECT_TRUE(self.send("from a timer")) << "as in a handler";
      ran.set();
    }));
    ASSERT_TRUE(ran.wait());
    EXPECT_EQ(of_timer, of_task);
    const int before = runs_;
    ASSERT_TRUE(each->every(1ms, [this](connection&) { ++runs_; }));
    EXPECT_TRUE(eventually([&] { return runs_ > before + 1; }));
  }
  EXPECT_TRUE(eventually([&] { return at_server_.at().stream() == "from a timer"; }));
}

TEST_P(timers, one_that_is_cancelled_elsewhere_is_destroyed_unrun) {
  const auto token = std::make_shared<int>(1);
  const link pair = open_link();
  std::vector<timer> all = {
      server().after(1h, unrun(token)).value(), server().every(1h, unrun(token)).value(),
      pair.server->after(1h, unrun(token)).value(), pair.server->every(1h, unrun(token)).value()};
  EXPECT_EQ(token.use_count(), 5);
  for (timer& each : all) {
    timer copy = each;
    EXPECT_TRUE(copy.is_pending());
    each.cancel();
    each.cancel();
    EXPECT_FALSE(copy.is_pending());
    copy.cancel();
  }
  EXPECT_TRUE(eventually([&] { return token.use_count() == 1; })) << "long before they are due";
}

TEST_P(timers, one_that_is_cancelled_on_its_worker_is_destroyed_at_once) {
  const auto token = std::make_shared<int>(1);
  const link pair = open_link();
  event done;
  ASSERT_TRUE(pair.server->post([&](connection& self) {
    timer own = self.after(0ms, unrun(token)).value();
    EXPECT_EQ(token.use_count(), 2);
    own.cancel();
    EXPECT_EQ(token.use_count(), 1);
    done.set();
  }));
  EXPECT_TRUE(done.wait());
}

TEST_P(timers, a_handle_that_stands_for_nothing_answers) {
  timer none;
  EXPECT_FALSE(none.is_pending());
  none.cancel();
  const timer copy = none;
  EXPECT_FALSE(copy.is_pending());
}

TEST_P(timers, guarantee_2_those_of_a_connection_end_with_it) {
  const auto token = std::make_shared<int>(1);
  const auto connections = one_of_each_kind();
  std::vector<timer> handles;
  for (const auto& each : connections) {
    handles.push_back(each->after(1h, unrun(token)).value());
    handles.push_back(each->every(1h, unrun(token)).value());
  }
  for (const auto& each : connections) each->close();
  ASSERT_TRUE(at_server_.closed(2));
  ASSERT_TRUE(at_client_.closed(2));
  EXPECT_TRUE(eventually([&] { return token.use_count() == 1; }));
  for (timer& each : handles) {
    EXPECT_FALSE(each.is_pending());
    each.cancel();
  }
  for (const auto& each : connections) {
    EXPECT_EQ(error_of(each->after(0ms, unrun(token))), errc::closed);
    EXPECT_EQ(error_of(each->every(1ms, unrun(token))), errc::closed);
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST_P(timers, one_may_end_its_own_connection) {
  const auto token = std::make_shared<int>(1);
  const auto connections = one_of_each_kind_apart();
  for (const auto& each : connections) {
    ASSERT_TRUE(each->every(1ms, [token](connection& self) {
      EXPECT_FALSE(self.is_closed());
      self.abort();
    }));
  }
  EXPECT_TRUE(eventually([&] { return token.use_count() == 1; }));
  ASSERT_TRUE(at_client_.closed(2));
  ASSERT_TRUE(at_server_.closed(2));
}

TEST_P(timers, what_a_function_throws_is_logged_and_ends_its_connection) {
  const auto connections = one_of_each_kind_apart();
  ASSERT_TRUE(server().every(1ms, [this] {
    if (++runs_ < 3) throw std::runtime_error{"not yet"};
  }));
  EXPECT_TRUE(eventually([&] { return runs_ >= 5; })) << "it goes on";
  EXPECT_TRUE(log_.has(log_level::error, "timer threw: not yet"));
  for (const auto& each : connections) {
    ASSERT_TRUE(each->every(1ms, [](connection&) { throw std::runtime_error{"enough"}; }));
    ASSERT_TRUE(eventually([&] { return each->is_closed(); }));
  }
  ASSERT_TRUE(at_server_.closed(2));
  ASSERT_TRUE(at_client_.closed(2));
  EXPECT_EQ(*at_client_.at().closed, close_cause::handler_threw);
  EXPECT_EQ(*at_client_.at(1).closed, close_cause::handler_threw);
  EXPECT_EQ(*at_server_.at(1).closed, close_cause::handler_threw);
  EXPECT_TRUE(log_.has(log_level::error, "timer threw: enough"));
}

TEST_P(timers, wrong_calls_say_what_is_wrong) {
  const auto token = std::make_shared<int>(1);
  const link pair = open_link();
  EXPECT_EQ(error_of(server().after(-1ms, unrun(token))), errc::negative_duration);
  EXPECT_EQ(error_of(server().every(-1ms, unrun(token))), errc::negative_duration);
  EXPECT_EQ(error_of(server().every(0ms, unrun(token))), errc::zero_limit);
  EXPECT_EQ(error_of(pair.server->after(-1ms, unrun(token))), errc::negative_duration);
  EXPECT_EQ(error_of(pair.server->every(-1ms, unrun(token))), errc::negative_duration);
  EXPECT_EQ(error_of(pair.server->every(0ms, unrun(token))), errc::zero_limit);
  network& idle = add_network({});
  EXPECT_EQ(error_of(idle.after(1ms, unrun(token))), errc::not_running);
  EXPECT_EQ(error_of(idle.every(1ms, unrun(token))), errc::not_running);
  EXPECT_EQ(token.use_count(), 1);
  EXPECT_TRUE(server().after(std::chrono::milliseconds::max(), unrun(token)));
  EXPECT_TRUE(server().every(std::chrono::milliseconds::max(), unrun(token)));
}

TEST_P(timers, the_workers_have_turns) {
  network& many = start_network(3);
  std::mutex mutex;
  std::multiset<std::thread::id> where;
  std::atomic<int> runs = 0;
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(many.after(0ms, [&] {
      {
        const std::lock_guard lock{mutex};
        where.insert(std::this_thread::get_id());
      }
      ++runs;
    }));
  }
  ASSERT_TRUE(eventually([&] { return runs == 6; }));
  const std::lock_guard lock{mutex};
  for (const auto& each : where) EXPECT_EQ(where.count(each), 2U);
}

TEST_P(timers, what_waits_when_the_network_stops_is_destroyed_unrun) {
  const auto token = std::make_shared<int>(1);
  network& stopped = start_network(2);
  std::vector<timer> handles;
  for (int i = 0; i < 100; ++i) {
    handles.push_back(stopped.after(1h, unrun(token)).value());
    handles.push_back(stopped.every(1h, unrun(token)).value());
  }
  ASSERT_TRUE(stopped.stop(patience));
  EXPECT_EQ(token.use_count(), 1);
  EXPECT_EQ(error_of(stopped.after(0ms, unrun(token))), errc::not_running);
  destroy_networks();
  for (timer& each : handles) {
    EXPECT_FALSE(each.is_pending());
    each.cancel();
  }
}

TEST_P(timers, what_is_destroyed_unrun_may_do_anything) {
  network& stopped = start_network(1);
  struct last_words {
    network& of;
    timer other;
    std::shared_ptr<int> token;
    explicit last_words(network& where, timer cancels, std::shared_ptr<int> held)
        : of{where}, other{std::move(cancels)}, token{std::move(held)} {}
    ~last_words() {
      other.cancel();
      EXPECT_EQ(error_of(of.after(0ms, [] {})), errc::not_running);
      EXPECT_EQ(error_of(of.stop()), errc::own_worker);
    }
  };
  const auto token = std::make_shared<int>(1);
  timer former;
  for (int i = 0; i < 10; ++i) {
    auto held = std::make_shared<last_words>(stopped, former, token);
    former = stopped.after(std::chrono::hours{i + 1}, [held = std::move(held)] {}).value();
  }
  // So that all of them wait.
  event arrived;
  ASSERT_TRUE(stopped.after(0ms, [&] { arrived.set(); }));
  ASSERT_TRUE(arrived.wait());
  ASSERT_TRUE(stopped.stop());
  EXPECT_EQ(token.use_count(), 1);
}

TEST_P(timers, without_workers_they_run_inside_poll) {
  network& polled = start_network(network_options{.workers = 0});
  bool polls = false;
  int runs = 0;
  timer again = polled
                    .every(1ms,
                           [&] {
                             EXPECT_TRUE(polls);
                             ++runs;
                           })
                    .value();
  polls = true;
  EXPECT_TRUE(turn_until(polled, [&] { return runs >= 3; }));
  EXPECT_TRUE(again.is_pending());
  again.cancel();
}

TEST_P(timers, cancelling_beside_the_runs_is_safe) {
  const link pair = open_link();
  network& many = start_network(2);
  for (int i = 0; i < 300; ++i) {
    timer own = i % 2 == 0 ? many.every(1ms, [this] { ++runs_; }).value()
                           : pair.server->after(0ms, [this](connection&) { ++runs_; }).value();
    std::thread other{[copy = own]() mutable { copy.cancel(); }};
    if (i % 3 == 0) std::this_thread::yield();
    own.cancel();
    EXPECT_FALSE(own.is_pending());
    other.join();
  }
}

}  // namespace
}  // namespace naru::test
