// R7.3: memory_max holds for all connections together: the largest backlogs end first, the small ones live.

#include <string>
#include <thread>
#include <vector>

#include "support/pressure.hpp"

namespace naru::test {
namespace {

class memory_accounts : public pressure_test {
 protected:
  static constexpr std::size_t memory_max = std::size_t{1} << 20;
  static connection_options large() {
    return {.max_message_bytes = std::size_t{1} << 20, .backlog_bytes_max = std::size_t{4} << 20};
  }
  network& tight() {
    if (tight_ == nullptr) tight_ = &start_network(network_options{.workers = 1, .memory_max = memory_max});
    return *tight_;
  }
  /// From the network with little memory, to a server that does not read.
  std::shared_ptr<connection> connect_deaf(const endpoint& where) {
    const std::size_t index = at_server_.all().size();
    at_client_.expect_connection();
    auto mine =
        network_test::connect(tight(), where, at_client_.make_handlers(), {.connection = large()}).lock();
    EXPECT_TRUE(at_client_.connected(index + 1));
    EXPECT_TRUE(at_server_.connected(index + 1));
    at_server_.shell(index)->pause_receiving();
    settle();
    return mine;
  }

 private:
  network* tight_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(manual_time, memory_accounts, testing::Values(simulated_engines().front()),
                         engine_name{});

TEST_P(memory_accounts, R7_3_the_largest_backlog_ends_first_and_small_ones_live) {
  const endpoint where = listen();
  const auto small = connect_deaf(where);
  const auto greedy = connect_deaf(where);
  const auto middle = connect_deaf(where);
  ASSERT_TRUE(small->send(pattern(8000)));
  ASSERT_TRUE(middle->send(pattern(50'000)));
  settle();
  for (int i = 0; i < 200 && !greedy->is_closed(); ++i) {
    static_cast<void>(greedy->send(pattern(10'000)));
    settle();
  }
  EXPECT_TRUE(greedy->is_closed());
  ASSERT_TRUE(at_client_.at(1).closed);
  EXPECT_EQ(*at_client_.at(1).closed, close_cause::memory);
  EXPECT_FALSE(small->is_closed());
  EXPECT_FALSE(middle->is_closed());
  EXPECT_GT(tight().stats().memory_bytes_highest, memory_max / 2);
  EXPECT_LE(tight().stats().memory_bytes_highest, memory_max);
  EXPECT_EQ(tight().stats().closed_by(close_cause::memory), 1U);
  ASSERT_TRUE(small->send("there is room again"));
  settle();
  EXPECT_FALSE(small->is_closed());
}

TEST_P(memory_accounts, R7_3_one_that_is_small_takes_the_memory_of_one_that_is_large) {
  const endpoint where = listen();
  const auto greedy = connect_deaf(where);
  const auto small = connect_deaf(where);
  while (tight().stats().memory_bytes + 250'000 < memory_max) {
    ASSERT_TRUE(greedy->send(pattern(10'000)));
    settle();
  }
  EXPECT_TRUE(run_inside(*small, [&](connection& self) {
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(self.send(pattern(10'000)));
  }));
  settle();
  EXPECT_TRUE(greedy->is_closed());
  EXPECT_FALSE(small->is_closed());
  EXPECT_LE(tight().stats().memory_bytes_highest, memory_max);
}

TEST_P(memory_accounts, R7_3_shared_messages_count_once) {
  const endpoint where = listen();
  std::vector<std::shared_ptr<connection>> all;
  for (int i = 0; i < 8; ++i) all.push_back(connect_deaf(where));
  {
    const message shared = message::make(pattern(400'000)).value();
    for (const auto& each : all) ASSERT_TRUE(each->send(shared));
    settle();
  }
  for (const auto& each : all) EXPECT_FALSE(each->is_closed());
  EXPECT_GT(tight().stats().memory_bytes, 400'000U);
  EXPECT_LE(tight().stats().memory_bytes_highest, memory_max);
}

TEST_P(memory_accounts, R7_3_nothing_is_counted_when_all_has_gone) {
  const endpoint where = listen();
  {
    const message shared = message::make(pattern(20'000)).value();
    for (int i = 0; i < 6; ++i) {
      const auto mine = connect_deaf(where);
      ASSERT_TRUE(mine->send(pattern(3000)));
      ASSERT_TRUE(mine->send(std::string(20'000, 'm')));
      ASSERT_TRUE(mine->send(shared));
      ASSERT_TRUE(mine->send_latest(1, pattern(500)));
      settle();
      ASSERT_TRUE(mine->send_latest(1, pattern(2000)));
      if (i % 2 == 0) settle();
      EXPECT_GT(tight().stats().memory_bytes, 0U);
      if (i < 3) {
        mine->abort();
      } else {
        at_server_.shell(static_cast<std::size_t>(i))->resume_receiving();
      }
      settle();
    }
  }
  EXPECT_EQ(tight().stats().memory_bytes, 0U);
}

TEST_P(memory_accounts, R7_3_new_connections_are_refused_while_little_is_left) {
  const endpoint where = listen(tight(), at_server_.make_handlers());
  const endpoint by_udp = lease(tight(), environment_->bind_address());
  connect(where);
  ASSERT_TRUE(at_server_.connected());
  {
    // Its bytes stay for as long as its user holds it, also when those are gone whom it was sent to.
    const message held = message::make(pattern(960'000)).value();
    EXPECT_TRUE(at_server_.shell()->send(held));
    settle();
    EXPECT_GT(tight().stats().memory_bytes, 960'000U);
    connect(where);
    settle();
    EXPECT_TRUE(client_closed(1));
    EXPECT_EQ(tight().stats().refused.by_memory, 1U);
    EXPECT_EQ(tight().stats().accepted, 1U);
    const auto stranger = connect_udp(by_udp);
    ASSERT_TRUE(stranger->send("let me in"));
    settle();
    EXPECT_EQ(tight().stats().refused.by_memory, 2U);
    EXPECT_EQ(at_server_.all().size(), 1U);
  }
  connect(where);
  settle();
  EXPECT_EQ(tight().stats().accepted, 2U);
  EXPECT_EQ(tight().stats().refused.by_memory, 2U);
}

TEST_P(memory_accounts, R7_3_a_receive_that_finds_none_ends_its_connection_and_no_other) {
  const endpoint where = listen(tight(), at_server_.make_handlers(), {.max_message_bytes = memory_max});
  const message held = message::make(pattern(800'000)).value();
  std::vector<std::shared_ptr<connection>> all;
  for (std::size_t i = 0; i < 2; ++i) {
    all.push_back(connect(where, {.connection = {.frames = framing::raw()}}).lock());
    ASSERT_TRUE(at_server_.connected(i + 1));
  }
  EXPECT_TRUE(at_server_.shell(0)->send(held));
  settle();
  ASSERT_TRUE(all[0]->send(framed("small")));
  ASSERT_TRUE(all[1]->send(framed(pattern(500'000)).substr(0, 400'000)));
  settle();
  ASSERT_TRUE(server_closed(1));
  EXPECT_EQ(*at_server_.at(1).closed, close_cause::memory);
  EXPECT_EQ(at_server_.at(1).closed->error, std::errc::not_enough_memory);
  EXPECT_FALSE(server_closed(0));
  EXPECT_EQ(at_server_.at(0).stream(), "small");
  EXPECT_LE(tight().stats().memory_bytes_highest, memory_max);
}

TEST_P(memory_accounts, R7_3_what_was_only_announced_takes_nothing) {
  const endpoint where = listen(tight(), at_server_.make_handlers(), {.max_message_bytes = memory_max});
  std::vector<std::shared_ptr<connection>> all;
  const std::string announced = framed(pattern(memory_max)).substr(0, 9);
  for (std::size_t i = 0; i < 20; ++i) {
    all.push_back(connect(where, {.connection = {.frames = framing::raw()}}).lock());
    ASSERT_TRUE(at_server_.connected(i + 1));
    ASSERT_TRUE(all.back()->send(announced));
  }
  settle();
  EXPECT_LE(tight().stats().memory_bytes, 20U * 1024);
  EXPECT_EQ(tight().stats().open, 20U);
}

TEST_P(memory_accounts, R7_3_udp_the_largest_backlog_ends_first_and_small_ones_live) {
  const endpoint where = lease(tight(), environment_->bind_address(),
                               {.connection = {.udp = {.idle_timeout = std::chrono::milliseconds{0}}}});
  const link small = open_pair(where);
  const link greedy = open_pair(where);
  ASSERT_TRUE(small.server->send(pattern(8000)));
  for (int i = 0; i < 200 && !greedy.server->is_closed(); ++i) {
    static_cast<void>(greedy.server->send(pattern(10'000)));
    settle();
  }
  ASSERT_TRUE(server_closed(1));
  EXPECT_EQ(*at_server_.at(1).closed, close_cause::memory);
  EXPECT_FALSE(small.server->is_closed());
  EXPECT_LE(tight().stats().memory_bytes_highest, memory_max);
  EXPECT_EQ(tight().stats().messages_lost, greedy.server->stats().messages_lost);
  ASSERT_TRUE(small.client->send(pattern(4000)));
  settle();
  EXPECT_EQ(at_client_.at(0).stream(), pattern(8000));
}

/// On every engine, with all threads there are.
class memory_storm : public udp_test {};

INSTANTIATE_TEST_SUITE_P(engines, memory_storm, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(memory_storm, R7_3_it_is_never_passed_and_all_of_it_comes_back) {
  constexpr std::size_t memory_max = std::size_t{1} << 20;
  network& tight = start_network(network_options{.workers = 2, .memory_max = memory_max});
  const endpoint where = listen();
  std::vector<std::shared_ptr<connection>> all;
  for (std::size_t i = 0; i < 6; ++i) {
    at_client_.expect_connection();
    all.push_back(network_test::connect(tight, where, at_client_.make_handlers()).lock());
    ASSERT_TRUE(at_client_.connected(i + 1));
    ASSERT_TRUE(at_server_.connected(i + 1));
  }
  for (const auto& each : at_server_.shells()) each->pause_receiving();
  {
    std::vector<std::jthread> running;
    for (std::size_t t = 0; t < 3; ++t) {
      running.emplace_back([&all, t] {
        const message shared = message::make(pattern(30'000)).value();
        for (std::size_t i = 0; i < 60; ++i) {
          connection& to = *all[(i + t) % all.size()];
          static_cast<void>(to.send(pattern(9000)));
          static_cast<void>(to.send(std::string(30'000, 'm')));
          static_cast<void>(to.send(shared));
          static_cast<void>(to.send_latest(t, pattern(i * 100)));
        }
      });
    }
  }
  EXPECT_LE(tight.stats().memory_bytes_highest, memory_max);
  for (const auto& each : all) each->abort();
  ASSERT_TRUE(at_client_.closed(all.size()));
  all.clear();
  EXPECT_TRUE(eventually([&] { return tight.stats().memory_bytes == 0; }))
      << tight.stats().memory_bytes << " bytes are still counted";
}

}  // namespace
}  // namespace naru::test
