// What a platform is told to be, it is: each kind of hostility shows, and the same seed gives the same run.

#include "engine/simulated/hostility.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/seam_bench.hpp"

namespace naru::engine::simulated {
namespace {

using std::chrono::nanoseconds;
using status = send_result::status;
using test::seam_bench;
using test::seam_peer;

std::unique_ptr<test::engine_environment> environment_of(const hostility& manners) {
  return std::make_unique<test::engine_environment>(manners);
}

/// The sizes in which a server is told of what a client sends.
std::vector<std::size_t> portions_of(const hostility& manners, std::size_t bytes) {
  seam_bench bench{environment_of(manners)};
  const seam_bench::link pair = bench.connect();
  std::vector<std::size_t> portions;
  pair.server->when_received = [&](seam_peer&, bytes_view portion) { portions.push_back(portion.size()); };
  pair.client->send(bench.random_bytes(bytes));
  EXPECT_TRUE(bench.turn_until([&] { return pair.server->received().size() == bytes; }));
  return portions;
}

/// What each of some sends was answered, with a peer that reads.
std::vector<send_result> answers_of(const hostility& manners, std::size_t bytes) {
  const std::string text(bytes, 'x');
  const bytes_view whole = as_bytes(text);
  seam_bench bench{environment_of(manners)};
  const seam_bench::link pair = bench.connect();
  std::vector<send_result> answers;
  for (int i = 0; i < 100; ++i) {
    answers.push_back(pair.client->stream().send({&whole, 1}));
    if (answers.back().state == status::pending) break;  // its end would be told to the harness
    bench.server_engine().poll(nanoseconds{0});
  }
  return answers;
}

TEST(hostility, a_calm_platform_takes_all_at_once) {
  for (const send_result& answer : answers_of(hostility::calm(), 1000)) {
    EXPECT_EQ(answer.state, status::taken);
    EXPECT_EQ(answer.bytes, 1000U);
  }
}

TEST(hostility, sends_are_pending_when_they_are_to_be) {
  const auto answers = answers_of({.send_pending_percent = 100}, 1000);
  EXPECT_EQ(answers.front().state, status::pending);
}

TEST(hostility, sends_are_refused_when_they_are_to_be) {
  const auto answers = answers_of({.send_no_room_percent = 100}, 1000);
  EXPECT_TRUE(std::ranges::all_of(answers, [](const auto& one) { return one.state == status::no_room; }));
}

TEST(hostility, sends_are_cut_short_when_they_are_to_be) {
  const auto answers = answers_of({.send_short_percent = 100}, 1000);
  EXPECT_TRUE(std::ranges::any_of(answers, [](const auto& one) { return one.bytes < 1000; }));
  const auto bounded = answers_of({.send_bytes_max = 7}, 1000);
  EXPECT_TRUE(std::ranges::all_of(bounded, [](const auto& one) { return one.bytes <= 7; }));
}

TEST(hostility, a_full_pipe_holds_the_sender_back) {
  seam_bench bench{environment_of({.pipe_bytes = 10})};
  const seam_bench::link pair = bench.connect();
  pair.server->pause();
  pair.client->send(std::string(100, 'x'));
  bench.turn_for_a_while();
  EXPECT_EQ(pair.client->sent(), 10U);
  EXPECT_TRUE(pair.client->send_pending());
}

TEST(hostility, received_bytes_come_in_portions_of_any_size_up_to_the_bound) {
  for (const std::size_t size : portions_of({.receive_bytes_max = 3}, 100)) EXPECT_LE(size, 3U);
  const auto portions = portions_of({.receive_bytes_max = 30, .receive_any_size = true}, 1000);
  EXPECT_TRUE(std::ranges::all_of(portions, [](std::size_t size) { return size <= 30; }));
  EXPECT_GT(std::ranges::max(portions), std::ranges::min(portions) + 5);
}

TEST(hostility, one_byte_at_a_time_is_just_that) {
  const auto portions = portions_of(hostility::one_byte(1), 50);
  EXPECT_EQ(portions, std::vector(50, std::size_t{1}));
}

TEST(hostility, a_pause_keeps_back_what_was_taken_from_the_system) {
  // What is kept is not in the pipe any more: the sender has room for more than the pipe holds.
  seam_bench bench{environment_of({.receive_bytes_max = 5, .receives_ahead_max = 4, .pipe_bytes = 10})};
  const seam_bench::link pair = bench.connect();
  pair.server->when_received = [](seam_peer& self, bytes_view) { self.pause(); };
  pair.client->send(std::string(100, 'x'));
  bench.turn_for_a_while();
  EXPECT_EQ(pair.server->received().size(), 5U);
  EXPECT_GT(pair.client->sent(), 15U);
}

TEST(hostility, delays_are_counted_in_polls) {
  seam_bench bench{environment_of({.seed = 3, .connect_delay_polls_max = 20, .close_delay_polls_max = 20})};
  test::seam_listener& listener = bench.listen();
  std::vector<int> polls_until_connected;
  for (int i = 0; i < 10; ++i) {
    seam_peer* const peer = bench.begin_connect(listener.local);
    int polls = 0;
    for (; !peer->was_answered(); ++polls) bench.client_engine().poll(nanoseconds{0});
    polls_until_connected.push_back(polls);
  }
  EXPECT_LE(std::ranges::max(polls_until_connected), 21);
  EXPECT_GT(std::ranges::max(polls_until_connected), 1 + std::ranges::min(polls_until_connected));
}

TEST(hostility, a_poll_does_not_sleep_while_something_is_delayed) {
  seam_bench bench{environment_of({.connect_delay_polls_max = 50})};
  seam_peer* const peer = bench.begin_connect(bench.listen().local);
  while (!peer->was_answered()) bench.client_engine().poll(std::chrono::hours{1});
  EXPECT_TRUE(peer->is_connected());
}

TEST(hostility, the_order_across_streams_varies_where_it_may) {
  seam_bench bench{environment_of({.seed = 5, .reorder = true})};
  test::seam_listener& listener = bench.listen();
  std::vector<seam_bench::link> pairs;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < 20; ++i) {
    pairs.push_back(bench.connect(listener));
    pairs.back().server->when_received = [&order, i](seam_peer&, bytes_view) { order.push_back(i); };
  }
  for (const auto& pair : pairs) pair.client->send("x");
  ASSERT_TRUE(bench.turn_until([&] { return order.size() == 20; }));
  EXPECT_FALSE(std::ranges::is_sorted(order));
}

/// The course of a run, in every size and at every turn.
std::string course_of(std::uint64_t seed) {
  seam_bench bench{environment_of(hostility::hostile(seed))};
  std::string course;
  int turns = 0;
  const seam_bench::link pair = bench.connect();
  pair.server->when_received = [&](seam_peer& self, bytes_view bytes) {
    course += std::to_string(turns) + ":" + std::to_string(bytes.size()) + " ";
    self.send(std::string{as_text(bytes)});
  };
  pair.client->send(bench.random_bytes(100'000));
  EXPECT_TRUE(bench.turn_until([&] {
    ++turns;
    return pair.client->received().size() == 100'000;
  }));
  return course + std::to_string(turns);
}

TEST(hostility, the_same_seed_gives_the_same_run) {
  EXPECT_EQ(course_of(7), course_of(7));
  EXPECT_NE(course_of(7), course_of(8));
}

}  // namespace
}  // namespace naru::engine::simulated
