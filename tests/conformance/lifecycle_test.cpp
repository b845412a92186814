// R2.1, R2.2: what a network does between start and stop.

#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class lifecycle : public network_test {};

INSTANTIATE_TEST_SUITE_P(engines, lifecycle, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(lifecycle, R2_2_start_makes_the_workers_and_stop_ends_them) {
  std::mutex mutex;
  std::set<unsigned> numbers;
  std::set<std::thread::id> threads;
  network& net = add_network({.workers = 3, .on_worker_start = [&](unsigned worker) {
                                const std::lock_guard lock{mutex};
                                numbers.insert(worker);
                                threads.insert(std::this_thread::get_id());
                              }});
  EXPECT_FALSE(net.is_running());
  EXPECT_EQ(net.worker_count(), 0U);

  ASSERT_TRUE(net.start());

  EXPECT_TRUE(net.is_running());
  EXPECT_EQ(net.worker_count(), 3U);
  EXPECT_EQ(numbers, (std::set<unsigned>{0, 1, 2}));
  EXPECT_EQ(threads.size(), 3U);
  EXPECT_FALSE(threads.contains(std::this_thread::get_id()));
  EXPECT_EQ(error_of(net.start()), errc::already_running);

  EXPECT_TRUE(net.stop());
  EXPECT_FALSE(net.is_running());
}

TEST_P(lifecycle, R2_2_an_exception_of_the_worker_hook_is_logged_and_the_worker_works) {
  network& net =
      start_network({.workers = 1, .on_worker_start = [](unsigned) { throw std::runtime_error{"ouch"}; }});
  EXPECT_TRUE(log_.has(log_level::error, "ouch") || log_.has(log_level::warning, "ouch"));

  connect(listen(net, at_server_.make_handlers()));
  EXPECT_TRUE(at_server_.connected());
}

TEST_P(lifecycle, R2_2_a_stopped_network_starts_again) {
  for (std::size_t round = 1; round <= 3; ++round) {
    const endpoint where = listen();
    const auto peer = connect(where).lock();
    ASSERT_TRUE(at_server_.connected(round));
    ASSERT_TRUE(server().stop());
    EXPECT_TRUE(at_server_.closed(round));
    ASSERT_TRUE(at_client_.closed(round));
    ASSERT_TRUE(server().start());
    EXPECT_EQ(server().stats().accepted, 0U) << "statistics count from start";
  }
}

TEST_P(lifecycle, R2_7_calls_on_a_network_that_does_not_run_say_so) {
  network& net = add_network({.workers = 1});
  const auto refuses_everything = [&net] {
    EXPECT_EQ(error_of(net.bind(tcp, endpoint::loopback_ipv4(0))), errc::not_running);
    EXPECT_EQ(error_of(net.bind(tcp, "127.0.0.1:0")), errc::not_running);
    EXPECT_EQ(error_of(net.listen(socket_id{1}, handlers{})), errc::not_running);
    EXPECT_EQ(error_of(net.connect(tcp, "127.0.0.1:1", handlers{})), errc::not_running);
    EXPECT_EQ(error_of(net.connect(tcp, endpoint::loopback_ipv4(1), handlers{})), errc::not_running);
    EXPECT_EQ(error_of(net.close(socket_id{1})), errc::not_running);
    EXPECT_EQ(error_of(net.local_endpoint(socket_id{1})), errc::not_running);
    EXPECT_EQ(error_of(net.poll()), errc::not_running);
  };
  refuses_everything();
  EXPECT_TRUE(net.stop()) << "there is nothing to stop, which is no error";

  ASSERT_TRUE(net.start());
  ASSERT_TRUE(net.stop());
  refuses_everything();
  EXPECT_TRUE(net.stop()) << "a second stop does nothing";
}

TEST_P(lifecycle, R2_2_a_socket_bound_before_a_restart_is_unknown_after_it) {
  const socket_id id = server().bind(tcp, endpoint::loopback_ipv4(0)).value();
  ASSERT_TRUE(server().stop());
  ASSERT_TRUE(server().start());
  EXPECT_EQ(error_of(server().local_endpoint(id)), errc::unknown_socket);
  EXPECT_EQ(error_of(server().listen(id, handlers{})), errc::unknown_socket);
}

TEST_P(lifecycle, R2_1_initialize_and_finalize_are_counted) {
  ASSERT_TRUE(network::initialize());
  ASSERT_TRUE(network::initialize());
  network::finalize();
  const link pair = open_link();
  network::finalize();
  EXPECT_TRUE(pair.client->send("a running network holds a count of its own"));
  EXPECT_TRUE(at_server_.received(1));
}

TEST_P(lifecycle, R2_1_networks_of_one_process_do_not_disturb_each_other) {
  const link pair = open_link();
  {
    network& other = start_network(2);
    recorder at_other;
    connect(listen(other, at_other.make_handlers()));
    ASSERT_TRUE(at_other.connected());
    ASSERT_TRUE(other.stop());
    at_other.verify_ended();
  }
  EXPECT_TRUE(pair.client->send("still here"));
  EXPECT_TRUE(at_server_.received(1));
  EXPECT_FALSE(pair.server->is_closed());
}

}  // namespace
}  // namespace naru::test
