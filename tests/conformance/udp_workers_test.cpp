// R1.4, R4.7: peers of one listener on several workers. On each engine in two ways: with a socket for each
// worker, where the engine has that, and with one that hands over to the others.

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/udp_lease.hpp"
#include "support/udp_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

/// The engines, twice: the name says in which way.
std::vector<engine_under_test> engines_twice() {
  std::vector<engine_under_test> all;
  for (const engine_under_test& each : all_engines()) {
    all.push_back({.name = each.name + "_steered", .make = each.make});
    all.push_back({.name = each.name + "_one_socket", .make = each.make});
  }
  return all;
}

/// The thread that the handlers of this connection run on.
std::thread::id thread_of(connection& renter) {
  std::thread::id seen;
  event ran;
  EXPECT_TRUE(renter.post([&](connection&) {
    seen = std::this_thread::get_id();
    ran.set();
  }));
  EXPECT_TRUE(ran.wait());
  return seen;
}

class udp_workers : public udp_test {
 protected:
  static constexpr unsigned workers = 3;

  [[nodiscard]] static bind_options sharing() {
    return {.one_socket = GetParam().name.ends_with("one_socket")};
  }
  network& wide() {
    if (wide_ == nullptr) {
      wide_ = &start_network({.workers = workers, .on_worker_start = [this](unsigned worker) {
                                threads_[worker] = std::this_thread::get_id();  // each writes its own
                              }});
    }
    return *wide_;
  }
  [[nodiscard]] std::thread::id worker_thread(std::size_t worker) const { return threads_[worker]; }
  endpoint lease_wide(const listen_options& options, hooks also) {
    return lease(wide(), environment_->bind_address(), options, std::move(also), sharing());
  }
  static listen_options unlimited() { return {.strangers = {.amplification_max = 0}}; }

 private:
  network* wide_ = nullptr;
  std::vector<std::thread::id> threads_ = std::vector<std::thread::id>(workers);
};

INSTANTIATE_TEST_SUITE_P(engines, udp_workers, testing::ValuesIn(engines_twice()), engine_name{});

TEST_P(udp_workers, R1_4_each_peer_is_served_by_one_worker_in_order_and_all_workers_serve) {
  std::mutex mutex;
  std::map<std::thread::id, std::size_t> served_by;
  const endpoint where =
      lease_wide(unlimited(),
                 {.connected =
                      [&](connection&) {
                        const std::lock_guard lock{mutex};
                        ++served_by[std::this_thread::get_id()];
                      },
                  .received = [](connection& peer, bytes_view message) { EXPECT_TRUE(peer.send(message)); }});
  constexpr std::size_t peers = 60;
  constexpr std::size_t rounds = 5;
  std::vector<std::shared_ptr<connection>> mine;
  for (std::size_t i = 0; i < peers; ++i) mine.push_back(connect_udp(where));
  for (std::size_t round = 0; round < rounds; ++round) {
    for (const auto& each : mine) ASSERT_TRUE(each->send("round " + std::to_string(round)));
    ASSERT_TRUE(at_client_.received((round + 1) * peers));
  }
  std::vector<std::string> expected;
  for (std::size_t round = 0; round < rounds; ++round) expected.push_back("round " + std::to_string(round));
  EXPECT_EQ(at_server_.all().size(), peers);
  for (const record& each : at_server_.all()) EXPECT_EQ(each.messages, expected);
  for (const record& each : at_client_.all()) EXPECT_EQ(each.messages, expected);
  const std::lock_guard lock{mutex};
  EXPECT_EQ(served_by.size(), workers)
      << "sixty peers miss one of three workers once in ten thousand million";
  EXPECT_EQ(wide().stats().udp.lost_between_workers, 0U);
}

TEST_P(udp_workers, R1_4_handlers_of_different_peers_run_at_the_same_time) {
  // Each of two handlers waits for the other one, which would not come about with both on one worker. Neither
  // is on the first worker, which perhaps receives for all.
  std::atomic<int> inside = 0;
  const endpoint where = lease_wide(unlimited(), {.received = [&](connection&, bytes_view message) {
                                      if (as_text(message) != "meet") return;
                                      ++inside;
                                      EXPECT_TRUE(eventually([&] { return inside == 2; }));
                                    }});
  link one;
  link two;
  std::size_t sent = 0;
  while (!one.client || !two.client) {
    const link pair = open_pair(where);
    ++sent;
    const std::thread::id thread = thread_of(*pair.server);
    if (thread == worker_thread(1)) one = pair;
    if (thread == worker_thread(2)) two = pair;
  }
  ASSERT_TRUE(one.client->send("meet"));
  ASSERT_TRUE(two.client->send("meet"));
  EXPECT_TRUE(at_server_.received(sent + 2));
}

TEST_P(udp_workers, R6_5_the_end_of_the_listener_ends_the_renters_of_all_workers_first) {
  const endpoint where = lease_wide(unlimited(), {});
  const socket_id id = leased_socket();
  std::vector<std::shared_ptr<connection>> mine;
  for (int i = 0; i < 30; ++i) {
    mine.push_back(connect_udp(where));
    ASSERT_TRUE(mine.back()->send("hello"));
  }
  ASSERT_TRUE(at_server_.received(30));
  ASSERT_TRUE(wide().close(id));
  ASSERT_TRUE(at_server_.listener_closed(id));
  EXPECT_EQ(server_closed_count(), 30U);
  for (const record& each : at_server_.all()) EXPECT_EQ(*each.closed, close_cause::lessor_closed);
  EXPECT_EQ(lease(client(), where), where) << "the port is free";
}

TEST_P(udp_workers, R6_4_a_peer_that_is_sent_away_stays_away_from_its_worker) {
  const endpoint where =
      lease_wide(unlimited(), {.received = [](connection& peer, bytes_view) { peer.close(1h); }});
  std::vector<std::shared_ptr<connection>> mine;
  for (int i = 0; i < 12; ++i) mine.push_back(connect_udp(where));
  for (int round = 0; round < 2; ++round) {
    for (const auto& each : mine) ASSERT_TRUE(each->send("let me in"));
  }
  ASSERT_TRUE(eventually([this] { return wide().stats().udp.strangers_refused == 12; }));
  EXPECT_EQ(at_server_.all().size(), 12U);
}

TEST_P(udp_workers, R2_2_a_network_stops_while_datagrams_come_for_all_workers) {
  const endpoint where = lease_wide(unlimited(), echo());
  std::vector<std::shared_ptr<connection>> mine;
  for (int i = 0; i < 20; ++i) mine.push_back(connect_udp(where));
  for (const auto& each : mine) ASSERT_TRUE(each->send("before"));
  ASSERT_TRUE(at_server_.received(20));
  event stopped;
  {
    const std::jthread sender{[&] {
      while (!stopped.happened()) {
        for (const auto& each : mine) (void)each->send("during");
        std::this_thread::yield();
      }
    }};
    EXPECT_TRUE(wide().stop());
    stopped.set();
  }
  for (const record& each : at_server_.all()) EXPECT_EQ(*each.closed, close_cause::network_stopped);
  EXPECT_EQ(wide().stats().open, 0U);
}

/// Where one worker receives for the others.
class udp_hand_over : public udp_test {};

INSTANTIATE_TEST_SUITE_P(engines, udp_hand_over, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(udp_hand_over, R4_7_a_worker_that_does_not_keep_up_loses_what_is_above_the_bound_and_disturbs_nobody) {
  if (GetParam().name == "simulated_one_byte") GTEST_SKIP() << "so many datagrams take this engine too long";
  constexpr std::size_t large = 60'000;
  constexpr std::size_t bound = core::udp_lease::hand_over_bytes_max / large;
  // Worker 0 receives for both.
  std::vector<std::thread::id> threads(2);
  network& wide = start_network({.workers = 2, .on_worker_start = [&](unsigned worker) {
                                   threads[worker] = std::this_thread::get_id();  // each writes its own
                                 }});
  event blocked;
  event released;
  const endpoint where = lease(wide, environment_->bind_address(), {.strangers = {.amplification_max = 0}},
                               {.received =
                                    [&](connection& peer, bytes_view message) {
                                      if (as_text(message) == "block") {
                                        blocked.set();
                                        EXPECT_TRUE(released.wait());
                                      }
                                      if (message.size() < 100) {
                                        EXPECT_TRUE(peer.send(message));
                                      }
                                    }},
                               {.one_socket = true});
  link of_receiver;
  link of_other;
  std::size_t echoed = 0;
  while (!of_receiver.client || !of_other.client) {
    const link pair = open_pair(where);
    ++echoed;
    (thread_of(*pair.server) == threads[0] ? of_receiver : of_other) = pair;
  }
  ASSERT_TRUE(at_client_.received(echoed));
  ASSERT_TRUE(of_other.client->send("block"));
  ASSERT_TRUE(blocked.wait());

  // One at a time, so that the system loses none: with each goes a small one to the worker that receives.
  constexpr std::size_t beyond = 20;
  for (std::size_t i = 1; i <= bound + beyond; ++i) {
    ASSERT_TRUE(of_other.client->send(pattern(large, i)));
    ASSERT_TRUE(eventually([&] { return of_other.client->backlog_bytes() == 0; }));
    ASSERT_TRUE(of_receiver.client->send("not disturbed"));
    ASSERT_TRUE(at_client_.received(echoed + i));
  }
  const std::uint64_t lost = wide.stats().udp.lost_between_workers;
  EXPECT_GE(lost, beyond);
  EXPECT_LE(lost, beyond + 2) << "what is on the way counts a little more than its bytes";
  const std::size_t before = at_server_.all().size();
  released.set();
  ASSERT_TRUE(
      eventually([&] { return of_other.server->stats().messages_received == 2 + bound + beyond - lost; }));
  ASSERT_TRUE(of_other.client->send("keeps up again"));
  ASSERT_TRUE(at_client_.received(echoed + bound + beyond + 2));
  EXPECT_EQ(wide.stats().udp.lost_between_workers, lost);
  EXPECT_EQ(at_server_.all().size(), before) << "its connection is the same";
  EXPECT_FALSE(of_other.server->is_closed());
}

/// A network without threads.
class udp_polled : public udp_test {};

INSTANTIATE_TEST_SUITE_P(engines, udp_polled, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(udp_polled, R1_4_both_ends_can_share_one_polled_worker) {
  network& polled = start_network(network_options{.workers = 0});
  const auto here = std::this_thread::get_id();
  const endpoint where =
      lease(polled, environment_->bind_address(), {}, {.received = [&](connection& peer, bytes_view message) {
              EXPECT_EQ(std::this_thread::get_id(), here);
              EXPECT_TRUE(peer.send(message));
            }});
  at_client_.expect_connection();
  const auto mine = connect(polled, udp, where, at_client_.make_handlers()).lock();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(mine->send(std::to_string(i)));
  ASSERT_TRUE(turn_until(polled, [&] { return at_client_.at().messages.size() == 20; }));
  ASSERT_TRUE(polled.close(leased_socket()));
  ASSERT_TRUE(turn_until(polled, [&] { return server_closed_count() == 1; }));
  ASSERT_TRUE(polled.stop());
  EXPECT_EQ(*at_client_.at().closed, close_cause::network_stopped);
}

}  // namespace
}  // namespace naru::test
