#include "engine/simulated/world.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/simulated/simulated_platform.hpp"
#include "support/patience.hpp"

namespace naru::engine::simulated {
namespace {

using namespace std::chrono_literals;
using test::patience;

TEST(world, known_names_have_addresses_with_the_port_asked_for) {
  world here;
  here.add_name("game.test", {endpoint::loopback_ipv6(1), endpoint::loopback_ipv4(2)});
  const std::vector<endpoint> expected{endpoint::loopback_ipv6(7000), endpoint::loopback_ipv4(7000)};
  EXPECT_EQ(here.look_up("game.test", 7000).value(), expected);
  EXPECT_EQ(here.look_up("localhost", 7000).value(), expected);
  EXPECT_EQ(here.look_up("::1", 9).value(), std::vector{endpoint::loopback_ipv6(9)});
  EXPECT_EQ(here.look_up("127.0.0.1", 9).value(), std::vector{endpoint::loopback_ipv4(9)});
  EXPECT_EQ(here.look_up("unknown.test", 9).error(), errc::name_not_found);
}

TEST(world, a_gate_holds_a_lookup_until_it_is_opened) {
  world here;
  const auto gate = std::make_shared<lookup_gate>();
  here.add_name("slow.test", {endpoint::loopback_ipv4(0)}, gate);
  std::atomic<bool> answered = false;
  std::thread asking{[&] {
    EXPECT_TRUE(here.look_up("slow.test", 1));
    answered = true;
  }};
  gate->wait_for_lookup();
  EXPECT_FALSE(answered);
  gate->open();
  asking.join();
  EXPECT_TRUE(here.look_up("slow.test", 1)) << "an open gate stays open";
}

TEST(world, real_time_passes_by_itself) {
  const world here;
  EXPECT_FALSE(here.has_manual_time());
  const auto before = std::chrono::steady_clock::now();
  EXPECT_GE(here.time().now(), before);
}

TEST(world, manual_time_passes_only_when_it_is_let) {
  world here{{.manual_time = true}};
  const auto before = here.time().now();
  EXPECT_EQ(here.time().now(), before);
  here.advance(30s);
  EXPECT_EQ(here.time().now() - before, 30s);
}

/// Engines of a world with manual time, each turned by a thread of its own until it is to end.
class manual_time : public testing::Test {
 protected:
  void turn_engines(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto& one = engines_.emplace_back(platform_.make_engine().value());
      threads_.emplace_back([this, own = one.get()] {
        while (!end_) {
          own->poll(1h);
          ++polls_;
        }
      });
    }
  }
  void TearDown() override {
    end_ = true;
    for (const auto& one : engines_) one->wake();
    for (std::thread& one : threads_) one.join();
  }

  std::shared_ptr<world> world_ = std::make_shared<world>(world_options{.manual_time = true});
  simulated_platform platform_{world_};
  std::vector<std::unique_ptr<engine>> engines_;
  std::vector<std::thread> threads_;
  std::atomic<bool> end_ = false;
  std::atomic<unsigned> polls_ = 0;
};

TEST_F(manual_time, letting_it_pass_ends_every_poll) {
  turn_engines(3);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  // Each time, all of them come back, have a look at the clock and go to sleep again.
  for (unsigned polls = 0; polls < 30 && std::chrono::steady_clock::now() < deadline; polls = polls_) {
    world_->advance(1ms);
    EXPECT_TRUE(world_->wait_until_idle());
  }
  EXPECT_GE(polls_, 30U);
  EXPECT_GE(world_->time().now() - manual_clock{}.now(), 10ms);
}

TEST_F(manual_time, a_poll_that_begins_behind_the_step_comes_back_as_well) {
  const auto late = platform_.make_engine().value();
  world_->advance(1s);
  const auto start = std::chrono::steady_clock::now();
  late->poll(patience);
  EXPECT_LT(std::chrono::steady_clock::now() - start, patience);
}

TEST_F(manual_time, an_engine_that_was_woken_is_not_idle_until_it_has_slept_again) {
  turn_engines(1);
  ASSERT_TRUE(world_->wait_until_idle());
  const unsigned before = polls_;
  engines_.front()->wake();
  ASSERT_TRUE(world_->wait_until_idle());
  EXPECT_GT(polls_, before);
}

}  // namespace
}  // namespace naru::engine::simulated
