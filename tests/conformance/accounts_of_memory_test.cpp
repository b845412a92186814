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
