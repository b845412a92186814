// R2.7: a handler that holds its worker up is named while it runs, and counted.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class watching : public network_test {
 protected:
  /// Far above what any other handler takes on a busy machine, and short enough to be waited for.
  static constexpr std::chrono::milliseconds stall = 100ms;

  network& watched(unsigned workers = 1) {
    return start_network({.workers = workers, .stall_warning = stall});
  }
  /// Until the log has it: the watchdog tells while the handler runs.
  void stay_until_told(std::string_view of) {
    EXPECT_TRUE(eventually([&] { return log_.has(log_level::warning, of); }));
  }
  std::ptrdiff_t lines_with(std::string_view part) const {
    const auto lines = log_.lines();
    return std::ranges::count_if(
        lines, [&](const log_book::line& each) { return each.text.find(part) != std::string::npos; });
  }
  static std::string name_of(const connection& peer) {
    return "connection " + std::to_string(static_cast<std::uint64_t>(peer.id()));
  }
  static std::uint64_t timed(const network_stats& stats) {
    return std::accumulate(stats.handler_times.begin(), stats.handler_times.end(), std::uint64_t{0});
  }
};

INSTANTIATE_TEST_SUITE_P(engines, watching, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(watching, a_handler_is_named_once_while_it_runs_and_counted) {
  network& slow = watched();
  const endpoint where =
      listen(slow, at_server_.make_handlers({.received = [this](connection& peer, bytes_view) {
        stay_until_told(name_of(peer) + ": on_received");
        // Were it told twice, then by now.
        std::this_thread::sleep_for(2 * stall);
      }}));
  ASSERT_TRUE(connect(where).lock()->send("stay"));
  ASSERT_TRUE(at_server_.received(1));
  EXPECT_EQ(lines_with(name_of(*at_server_.shell()) + ": on_received"), 1);
  EXPECT_TRUE(eventually([&] { return slow.stats().stalls == 1; }));
}

TEST_P(watching, two_calls_are_told_one_after_the_other) {
  network& slow = watched();
  std::atomic<std::ptrdiff_t> calls = 0;
  const endpoint where = listen(slow, at_server_.make_handlers({.received = [&](connection&, bytes_view) {
    const auto wanted = ++calls;
    EXPECT_TRUE(eventually([&] { return lines_with("on_received") == wanted; }));
  }}));
  const auto mine = connect(where).lock();
  ASSERT_TRUE(mine->send("one") && mine->send("two"));
  ASSERT_TRUE(at_server_.received(2));
  EXPECT_TRUE(eventually([&] { return slow.stats().stalls == 2; }));
}

TEST_P(watching, handlers_without_a_connection_are_named) {
  network& slow = watched();
  handlers own = at_server_.make_handlers();
  own.on_accepting = [this](const endpoint&) {
    stay_until_told("on_accepting");
    return true;
  };
  connect(listen(slow, std::move(own)));
  ASSERT_TRUE(at_server_.connected());
  EXPECT_EQ(slow.stats().stalls, 1U);
}

TEST_P(watching, a_posted_task_and_on_closed_are_named) {
  network& slow = watched();
  const endpoint where =
      listen(slow, at_server_.make_handlers({.closed = [this](connection& peer, close_reason) {
        stay_until_told(name_of(peer) + ": on_closed");
      }}));
  connect(where);
  ASSERT_TRUE(at_server_.connected());
  ASSERT_TRUE(at_server_.shell()->post([this](connection& peer) {
    stay_until_told(name_of(peer) + ": posted task");
    peer.close();
  }));
  ASSERT_TRUE(at_server_.closed());
  EXPECT_TRUE(eventually([&] { return slow.stats().stalls == 2; }));
}

TEST_P(watching, the_thread_of_poll_is_watched) {
  network& polled = watched(0);
  const endpoint where = listen(polled, at_server_.make_handlers({.connected = [this](connection& peer) {
    stay_until_told(name_of(peer) + ": on_connected");
  }}));
  connect(where);
  while (at_server_.all().empty()) ASSERT_TRUE(polled.poll(10ms));
  EXPECT_EQ(polled.stats().stalls, 1U);
}

TEST_P(watching, it_ends_with_the_network_and_begins_with_it_again) {
  network& slow = watched();
  ASSERT_TRUE(slow.stop());
  ASSERT_TRUE(slow.start());
  const endpoint where = listen(slow, at_server_.make_handlers({.connected = [this](connection& peer) {
    stay_until_told(name_of(peer) + ": on_connected");
  }}));
  connect(where);
  ASSERT_TRUE(at_server_.connected());
  ASSERT_TRUE(slow.stop());
  EXPECT_EQ(slow.stats().stalls, 1U) << "also after the end";
}

TEST_P(watching, nothing_is_kept_without_being_asked_for) {
  const link pair = open_link();
  ASSERT_TRUE(pair.client->send("hello"));
  ASSERT_TRUE(at_server_.received(1));
  EXPECT_EQ(timed(server().stats()), 0U);
  EXPECT_EQ(server().stats().stalls, 0U);
}

/// With time that passes when the test says so: inside handlers.
class watching_time : public watching {
 protected:
  watching_time() {
    environment_ = std::make_unique<engine_environment>(
        engine::simulated::hostility{}, engine::simulated::world_options{.manual_time = true});
  }
};

INSTANTIATE_TEST_SUITE_P(manual_time, watching_time, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(watching_time, stalls_and_times_are_exact) {
  network& slow = watched();
  const endpoint where =
      listen(slow, at_server_.make_handlers({.received = [this](connection&, bytes_view message) {
        if (message.size() == 1) environment_->world().advance(stall);
        if (message.size() == 2) environment_->world().advance(stall + 1us);
        if (message.size() == 3) environment_->world().advance(3us);
        if (message.size() == 4) throw std::runtime_error{"counts too"};
      }}));
  const auto mine = connect(where).lock();
  for (const char* message : {"1", "12", "123"}) ASSERT_TRUE(mine->send(message));
  ASSERT_TRUE(at_server_.received(3));
  ASSERT_TRUE(mine->send("1234"));
  ASSERT_TRUE(at_server_.closed());
  ASSERT_TRUE(slow.stop());

  const network_stats stats = slow.stats();
  EXPECT_EQ(stats.stalls, 1U) << "exactly as long is not longer";
  EXPECT_EQ(timed(stats), 7U) << "on_connected, four messages, on_closed, on_listener_closed";
  EXPECT_EQ(stats.handler_times[0], 4U);
  EXPECT_EQ(stats.handler_times[1], 1U);
  EXPECT_EQ(stats.handler_times[16], 2U) << "65,536 us to 131,072 us";
}

TEST_P(watching_time, what_the_thread_has_missed_is_counted) {
  network& slow = watched();
  const endpoint where = listen(slow, at_server_.make_handlers({.received = [this](connection&, bytes_view) {
    environment_->world().advance(1h);
  }}));
  const auto mine = connect(where).lock();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(mine->send("quick"));
  ASSERT_TRUE(at_server_.received(20));
  ASSERT_TRUE(slow.stop());
  EXPECT_EQ(slow.stats().stalls, 20U);
  EXPECT_EQ(slow.stats().handler_times[23], 20U);
}

}  // namespace
}  // namespace naru::test
