// What a platform is told to do to datagrams, it does: each kind of hostility shows, and none that was not
// asked for.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "engine/simulated/hostility.hpp"
#include "support/seam_bench.hpp"

namespace naru::engine::simulated {
namespace {

using std::chrono::nanoseconds;
using status = datagrams_sent::status;
using test::seam_bench;
using test::seam_datagram_peer;

std::unique_ptr<test::engine_environment> environment_of(const hostility& manners) {
  return std::make_unique<test::engine_environment>(manners);
}

/// A bench, a shared socket and one that is connected to it.
struct course {
  explicit course(const hostility& manners)
      : bench{environment_of(manners)},
        server{bench.share(bench.server_engine())},
        client{bench.connect_datagrams(server.local())} {}

  /// Numbers them, and turns until all that comes has come.
  void send(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) client.send(std::to_string(i));
    EXPECT_TRUE(bench.turn_until([&] { return client.all_sent(); }));
    bench.turn_for_a_while();
  }

  datagrams_sent send_at_once(std::size_t count) { return client.send_now(std::vector<departure>(count)); }

  [[nodiscard]] std::vector<std::size_t> numbers() const {
    std::vector<std::size_t> numbers;
    for (const auto& one : server.received()) numbers.push_back(std::stoul(one.text));
    return numbers;
  }

  seam_bench bench;
  seam_datagram_peer& server;
  seam_datagram_peer& client;
};

TEST(datagram_hostility, a_calm_platform_takes_and_hands_out_all_at_once) {
  course run{hostility::calm()};
  const datagrams_sent answer = run.send_at_once(datagram_socket::departures_max);
  EXPECT_EQ(answer.state, status::taken);
  EXPECT_EQ(answer.count, datagram_socket::departures_max);
  run.bench.server_engine().poll(nanoseconds{0});
  EXPECT_EQ(run.server.received().size(), datagram_socket::departures_max);
}

TEST(datagram_hostility, no_mood_loses_doubles_or_moves_any_by_itself) {
  for (const hostility& mood :
       {hostility::calm(), hostility::hostile(1), hostility::hostile(2), hostility::one_byte(1)}) {
    course run{mood};
    run.send(300);
    ASSERT_TRUE(run.bench.turn_until([&] { return run.server.received().size() == 300; }));
    const std::vector<std::size_t> numbers = run.numbers();
    EXPECT_TRUE(std::ranges::is_sorted(numbers));
    EXPECT_EQ(run.server.lost().by_system + run.server.lost().truncated, 0U);
  }
}

TEST(datagram_hostility, some_are_lost_without_a_word) {
  course run{{.lose_percent = 30}};
  run.send(300);
  EXPECT_GT(run.server.received().size(), 150U);
  EXPECT_LT(run.server.received().size(), 260U);
  EXPECT_EQ(run.server.lost().by_system + run.server.lost().truncated, 0U);
  EXPECT_TRUE(std::ranges::is_sorted(run.numbers()));
}

TEST(datagram_hostility, some_come_twice) {
  course run{{.duplicate_percent = 30}};
  run.send(300);
  EXPECT_GT(run.server.received().size(), 340U);
  std::vector<std::size_t> numbers = run.numbers();
  EXPECT_TRUE(std::ranges::is_sorted(numbers));
  const auto doubles = std::ranges::unique(numbers);
  EXPECT_EQ(numbers.size() - doubles.size(), 300U);
}

TEST(datagram_hostility, some_are_overtaken_and_still_come) {
  course run{{.reorder_datagrams_percent = 30}};
  run.send(300);
  std::vector<std::size_t> numbers = run.numbers();
  EXPECT_FALSE(std::ranges::is_sorted(numbers));
  std::ranges::sort(numbers);
  EXPECT_EQ(numbers.size(), 300U);
  EXPECT_EQ(std::ranges::unique(numbers).size(), 0U);
}

TEST(datagram_hostility, a_late_one_comes_though_nothing_else_does) {
  course run{{.reorder_datagrams_percent = 100}};
  run.client.send("0");
  run.bench.turn();
  while (run.server.received().empty()) run.bench.server_engine().poll(std::chrono::hours{1});
  EXPECT_EQ(run.server.received().size(), 1U);
}

TEST(datagram_hostility, some_are_truncated_and_counted) {
  course run{{.truncate_percent = 30}};
  run.send(300);
  EXPECT_GT(run.server.lost().truncated, 40U);
  EXPECT_EQ(run.server.received().size() + run.server.lost().truncated, 300U);
  EXPECT_EQ(run.server.lost().by_system, 0U);
}

TEST(datagram_hostility, sends_wait_when_they_are_to_and_room_is_told) {
  course run{{.completion_delay_polls_max = 20, .send_datagrams_wait_percent = 100}};
  const datagrams_sent answer = run.send_at_once(10);
  EXPECT_EQ(answer.state, status::waits);
  EXPECT_LT(answer.count, 10U);
  // Until on_room has come the peer sends nothing: without it this would never end.
  for (int i = 0; i < 50; ++i) run.client.send("x");
  EXPECT_TRUE(run.bench.turn_until([&] { return run.client.all_sent(); }));
}

TEST(datagram_hostility, sends_are_refused_when_they_are_to_be_but_not_for_ever) {
  course run{{.send_datagrams_no_room_percent = 100}};
  std::size_t empty = 0;
  bool before_was_empty = false;
  for (int i = 0; i < 100; ++i) {
    const datagrams_sent answer = run.send_at_once(2);
    EXPECT_EQ(answer.state, status::no_room);
    EXPECT_FALSE(before_was_empty && answer.count == 0);
    before_was_empty = answer.count == 0;
    if (before_was_empty) ++empty;
  }
  EXPECT_GT(empty, 10U);
}

TEST(datagram_hostility, a_single_one_is_taken_at_the_second_attempt) {
  course run{{.send_datagrams_no_room_percent = 100}};
  EXPECT_EQ(run.send_at_once(1).state, status::no_room);
  EXPECT_EQ(run.send_at_once(1).state, status::taken);
}

TEST(datagram_hostility, a_send_takes_no_more_than_it_is_to) {
  course run{{.send_datagrams_max = 3}};
  const datagrams_sent answer = run.send_at_once(10);
  EXPECT_EQ(answer.state, status::waits);
  EXPECT_EQ(answer.count, 3U);
  EXPECT_EQ(run.send_at_once(3).state, status::taken);
}

/// How many datagrams the polls of a server bring, when 100 wait for it.
std::vector<std::size_t> batches_of(const hostility& manners) {
  course run{manners};
  for (int i = 0; i < 100; ++i) run.client.send("x");
  EXPECT_TRUE(run.bench.turn_client_until([&] { return run.client.all_sent(); }));
  std::vector<std::size_t> batches;
  for (std::size_t before = 0; before < 100; before = run.server.received().size()) {
    run.bench.server_engine().poll(nanoseconds{0});
    const std::size_t more = run.server.received().size() - before;
    if (more > 0) batches.push_back(more);
  }
  return batches;
}

TEST(datagram_hostility, batches_are_as_large_as_they_may_be) {
  EXPECT_EQ(batches_of(hostility::calm()), std::vector<std::size_t>{100});
  EXPECT_EQ(batches_of({.receive_datagrams_max = 25}), std::vector<std::size_t>(4, 25));
  EXPECT_EQ(batches_of(hostility::one_byte(1)), std::vector<std::size_t>(100, 1));
}

TEST(datagram_hostility, batches_are_of_any_size_when_they_are_to_be) {
  const auto batches = batches_of({.receive_any_size = true, .receive_datagrams_max = 25});
  EXPECT_LE(std::ranges::max(batches), 25U);
  EXPECT_GT(std::ranges::max(batches), std::ranges::min(batches));
}

TEST(datagram_hostility, losses_are_told_at_once_or_with_the_next_that_comes) {
  for (const bool late : {false, true}) {
    course run{{.datagram_queue_bytes = 2000, .losses_told_late = late}};
    for (int i = 0; i < 20; ++i) run.client.send("x");
    ASSERT_TRUE(run.bench.turn_client_until([&] { return run.client.all_sent(); }));
    run.bench.turn_for_a_while();
    EXPECT_EQ(run.server.received().size() + run.server.lost().by_system == 20, !late);
    EXPECT_EQ(run.server.lost().by_system > 0, !late);
    run.client.send("next");
    ASSERT_TRUE(run.bench.turn_until([&] { return run.server.received().back().text == "next"; }));
    EXPECT_EQ(run.server.received().size() + run.server.lost().by_system, 21U);
  }
}

TEST(datagram_hostility, errors_are_told_of_a_dead_port_but_not_without_end) {
  seam_bench bench{environment_of(hostility::calm())};
  seam_datagram_peer& sender = bench.share(bench.client_engine());
  const endpoint dead = endpoint::loopback_ipv4(9);
  for (int i = 0; i < 1000; ++i) sender.send_to(dead, "x");
  bench.turn();
  bench.turn();
  ASSERT_FALSE(sender.errors().empty()) << "a shared socket is told as well";
  EXPECT_LT(sender.errors().size(), 1000U);
  EXPECT_EQ(sender.errors().front().error, std::errc::connection_refused);
  EXPECT_EQ(sender.errors().front().remote, dead);
}

TEST(datagram_hostility, some_addresses_swallow_and_others_refuse) {
  seam_bench bench{environment_of(hostility::calm())};
  seam_datagram_peer& sender = bench.share(bench.client_engine(), endpoint::any_ipv4(0));
  seam_datagram_peer& receiver = bench.share(bench.server_engine());
  sender.send_to(endpoint{endpoint::ipv4_bytes{192, 0, 2, 1}, 80}, "swallowed");
  sender.send_to(endpoint{endpoint::ipv4_bytes{10, 0, 0, 1}, 80}, "unreachable");
  sender.send_to(endpoint::loopback_ipv4(0), "port zero");
  sender.send_to(endpoint::loopback_ipv6(80), "of another family");
  sender.send_to(receiver.local(), "from elsewhere", endpoint{endpoint::ipv4_bytes{10, 0, 0, 1}, 1});
  sender.send_to(receiver.local(), "arrives");
  ASSERT_TRUE(bench.turn_until([&] { return !receiver.received().empty(); }));
  EXPECT_EQ(receiver.received_texts(), std::vector<std::string>{"arrives"});
  const std::vector<std::errc> expected{std::errc::network_unreachable, std::errc::invalid_argument,
                                        std::errc::address_not_available, std::errc::address_not_available};
  EXPECT_TRUE(std::ranges::equal(sender.refused(), expected,
                                 [](const auto& one, std::errc wanted) { return one.error == wanted; }));
  EXPECT_TRUE(sender.errors().empty());
}

TEST(datagram_hostility, random_numbers_are_the_same_for_the_same_seed) {
  const auto numbers_of = [](std::uint64_t seed) {
    std::vector<std::byte> numbers(32);
    EXPECT_FALSE(environment_of({.seed = seed})->make_platform()->fill_random(numbers));
    return numbers;
  };
  EXPECT_EQ(numbers_of(1), numbers_of(1));
  EXPECT_NE(numbers_of(1), numbers_of(2));
}

/// Who was told of how much at which turn.
std::string course_of(std::uint64_t seed) {
  hostility manners = hostility::hostile(seed);
  manners.lose_percent = manners.duplicate_percent = manners.reorder_datagrams_percent = 10;
  course run{manners};
  std::string story;
  for (int i = 0; i < 200; ++i) run.client.send(std::to_string(i));
  for (int turns = 0; turns < 300; ++turns) {
    run.bench.turn();
    story += std::to_string(run.server.received().size()) + ' ';
  }
  for (const std::size_t number : run.numbers()) story += std::to_string(number) + ' ';
  return story;
}

TEST(datagram_hostility, the_same_seed_gives_the_same_run) {
  EXPECT_EQ(course_of(7), course_of(7));
  EXPECT_NE(course_of(7), course_of(8));
}

}  // namespace
}  // namespace naru::engine::simulated
