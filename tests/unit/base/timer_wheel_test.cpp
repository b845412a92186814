#include "base/timer_wheel.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using naru::base::clock;
using naru::base::timer;
using naru::base::timer_wheel;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

/// A timer that runs a function.
class alarm {
 public:
  explicit alarm(std::function<void()> act) : act_{std::move(act)} {}
  timer& get() { return timer_; }

 private:
  std::function<void()> act_;
  timer timer_{[](void* self) { std::invoke(static_cast<alarm*>(self)->act_); }, this};
};

class timer_wheel_test : public testing::Test {
 protected:
  std::unique_ptr<alarm> noting(int number) {
    return std::make_unique<alarm>([this, number] { fired_.push_back(number); });
  }
  std::vector<int> advance_to(clock::time_point::duration since_origin) {
    fired_.clear();
    wheel_.advance(origin_ + since_origin);
    return fired_;
  }
  std::optional<std::chrono::nanoseconds> next() const {
    const auto time = wheel_.next();
    if (!time) return std::nullopt;
    return *time - origin_;
  }

  clock::time_point origin_{1'234'567'891'011ns};
  timer_wheel wheel_{origin_};
  std::vector<int> fired_;
};

TEST_F(timer_wheel_test, has_nothing_to_do_when_empty) {
  EXPECT_EQ(wheel_.next(), std::nullopt);
  EXPECT_THAT(advance_to(24h * 365), IsEmpty());
  EXPECT_EQ(wheel_.next(), std::nullopt);
}

TEST_F(timer_wheel_test, fires_never_early_and_at_most_one_tick_late) {
  auto one = noting(1);
  wheel_.arm(one->get(), origin_ + 5ms + 1ns);
  EXPECT_THAT(advance_to(5ms), IsEmpty());
  EXPECT_THAT(advance_to(5ms + 999'999ns), IsEmpty());
  EXPECT_THAT(advance_to(6ms), ElementsAre(1));
  EXPECT_FALSE(one->get().is_armed());
  EXPECT_THAT(advance_to(1h), IsEmpty());
}

TEST_F(timer_wheel_test, fires_on_the_tick) {
  auto one = noting(1);
  wheel_.arm(one->get(), origin_ + 5ms);
  EXPECT_EQ(next(), 5ms);
  EXPECT_THAT(advance_to(5ms - 1ns), IsEmpty());
  EXPECT_THAT(advance_to(5ms), ElementsAre(1));
}

TEST_F(timer_wheel_test, fires_in_order_whatever_the_order_of_arming) {
  std::vector<std::unique_ptr<alarm>> alarms;
  for (const int ms : {7000, 3, 262144, 64, 63, 65, 4096, 4095, 1}) {
    alarms.push_back(noting(ms));
    wheel_.arm(alarms.back()->get(), origin_ + std::chrono::milliseconds{ms});
  }
  EXPECT_THAT(advance_to(1h), ElementsAre(1, 3, 63, 64, 65, 4095, 4096, 7000, 262144));
}

TEST_F(timer_wheel_test, a_passed_deadline_fires_at_the_next_advance) {
  advance_to(100ms);
  auto one = noting(1), two = noting(2), three = noting(3);
  wheel_.arm(one->get(), origin_ - 1h);
  wheel_.arm(two->get(), origin_ + 100ms);
  wheel_.arm(three->get(), clock::time_point::min());
  EXPECT_LE(next(), 100ms);
  EXPECT_THAT(advance_to(100ms), ElementsAre(1, 2, 3));
  EXPECT_EQ(wheel_.next(), std::nullopt);
}

TEST_F(timer_wheel_test, time_that_goes_back_is_no_time) {
  auto one = noting(1);
  advance_to(100ms);
  wheel_.arm(one->get(), origin_ + 101ms);
  EXPECT_THAT(advance_to(50ms), IsEmpty());
  EXPECT_THAT(advance_to(101ms), ElementsAre(1));
  EXPECT_THAT(advance_to(50ms), IsEmpty());
  wheel_.arm(one->get(), origin_ + 60ms);
  EXPECT_THAT(advance_to(50ms), ElementsAre(1));
}

TEST_F(timer_wheel_test, every_power_of_two_is_met_to_the_tick) {
  for (int bit = 0; bit < 40; ++bit) {
    for (const std::int64_t offset : {-1, 0, 1}) {
      const auto deadline = std::chrono::milliseconds{(std::int64_t{1} << bit) + offset};
      timer_wheel fresh{origin_};
      int count = 0;
      alarm one{[&] { ++count; }};
      fresh.arm(one.get(), origin_ + deadline);
      int steps = 0;
      while (const auto time = fresh.next()) {
        ASSERT_EQ(count, 0);
        ASSERT_LE(*time, origin_ + deadline);
        fresh.advance(*time);
        ASSERT_LE(++steps, 9) << "a wait of any length is a few steps";
        if (count != 0) {
          ASSERT_EQ(*time, origin_ + deadline);
        }
      }
      ASSERT_EQ(count, 1) << deadline.count();
    }
  }
}

TEST_F(timer_wheel_test, cancelled_timers_do_not_fire) {
  auto one = noting(1), two = noting(2), three = noting(3);
  wheel_.arm(one->get(), origin_ + 10ms);
  wheel_.arm(two->get(), origin_ + 10ms);
  wheel_.arm(three->get(), origin_ - 10ms);
  one->get().cancel();
  one->get().cancel();
  three.reset();
  EXPECT_FALSE(one->get().is_armed());
  EXPECT_TRUE(two->get().is_armed());
  EXPECT_EQ(next(), 10ms);
  EXPECT_THAT(advance_to(20ms), ElementsAre(2));
}

TEST_F(timer_wheel_test, nothing_is_next_when_all_are_cancelled) {
  std::vector<std::unique_ptr<alarm>> alarms;
  for (int i = -10; i < 1000; ++i) {
    alarms.push_back(noting(i));
    wheel_.arm(alarms.back()->get(), origin_ + i * 7ms);
  }
  for (auto& each : alarms) each->get().cancel();
  EXPECT_EQ(wheel_.next(), std::nullopt);
}

TEST_F(timer_wheel_test, an_armed_timer_is_moved_forward_and_back) {
  auto one = noting(1);
  wheel_.arm(one->get(), origin_ + 50ms);
  wheel_.arm(one->get(), origin_ + 5000ms);
  wheel_.arm(one->get(), origin_ + 70ms);
  EXPECT_THAT(advance_to(69ms), IsEmpty());
  EXPECT_THAT(advance_to(70ms), ElementsAre(1));
  wheel_.arm(one->get(), origin_ + 5000ms);
  wheel_.arm(one->get(), origin_ + 80ms);
  EXPECT_EQ(next(), 80ms);
  wheel_.arm(one->get(), origin_);
  EXPECT_THAT(advance_to(70ms), ElementsAre(1));
  EXPECT_THAT(advance_to(1h), IsEmpty());
}

// As an idle timeout does, which each message puts off.
TEST_F(timer_wheel_test, a_timer_that_is_put_off_again_and_again_fires_once) {
  auto one = noting(1);
  for (int ms = 0; ms <= 10'000; ms += 7) {
    ASSERT_THAT(advance_to(ms * 1ms), IsEmpty());
    wheel_.arm(one->get(), origin_ + ms * 1ms + 300ms);
  }
  const auto deadline = 9996ms + 300ms;
  EXPECT_THAT(advance_to(deadline - 1ns), IsEmpty());
  EXPECT_THAT(advance_to(deadline), ElementsAre(1));
}

TEST_F(timer_wheel_test, an_overdue_timer_can_be_put_off) {
  auto one = noting(1);
  wheel_.arm(one->get(), origin_ - 1ms);
  wheel_.arm(one->get(), origin_ + 10ms);
  EXPECT_THAT(advance_to(9ms), IsEmpty());
  EXPECT_THAT(advance_to(10ms), ElementsAre(1));
}

TEST_F(timer_wheel_test, years_and_the_end_of_time) {
  auto one = noting(1), two = noting(2);
  constexpr auto year = std::chrono::hours{24 * 365};
  wheel_.arm(one->get(), origin_ + 100 * year);
  wheel_.arm(two->get(), clock::time_point::max());
  EXPECT_THAT(advance_to(100 * year - 1ms), IsEmpty());
  EXPECT_THAT(advance_to(100 * year), ElementsAre(1));
  ASSERT_TRUE(wheel_.next().has_value());
  EXPECT_GT(*wheel_.next(), origin_ + 100 * year);
  EXPECT_TRUE(two->get().is_armed());
}

TEST(timer_wheel_origin, may_be_the_beginning_of_time) {
  int count = 0;
  alarm one{[&] { ++count; }}, two{[&] { count += 10; }};
  timer_wheel wheel{clock::time_point::min()};
  wheel.arm(one.get(), clock::time_point::min() + 3ms);
  wheel.arm(two.get(), clock::time_point::max());
  wheel.advance(clock::time_point::min() + 2ms);
  EXPECT_EQ(count, 0);
  wheel.advance(clock::time_point{});
  EXPECT_EQ(count, 1);
  while (two.get().is_armed() && *wheel.next() < clock::time_point::max()) wheel.advance(*wheel.next());
  EXPECT_LE(*wheel.next(), clock::time_point::max());
}

TEST_F(timer_wheel_test, an_action_may_arm_its_own_timer) {
  int left = 5;
  std::unique_ptr<alarm> again;
  again = std::make_unique<alarm>([&] {
    fired_.push_back(left);
    if (--left > 0) wheel_.arm(again->get(), origin_ + 10ms * (6 - left));
  });
  wheel_.arm(again->get(), origin_ + 10ms);
  EXPECT_THAT(advance_to(10ms), ElementsAre(5));
  EXPECT_THAT(advance_to(29ms), ElementsAre(4));
  // All of these are overdue when they are armed: one an advance, so that an advance ends.
  EXPECT_THAT(advance_to(1s), ElementsAre(3));
  EXPECT_THAT(advance_to(1s), ElementsAre(2));
  EXPECT_THAT(advance_to(1s), ElementsAre(1));
  EXPECT_EQ(wheel_.next(), std::nullopt);
}

TEST_F(timer_wheel_test, an_action_may_cancel_and_destroy_timers_that_are_due_as_well) {
  std::vector<std::unique_ptr<alarm>> alarms(4);
  const auto end_the_others = [&](std::size_t own) {
    fired_.push_back(static_cast<int>(own));
    for (std::size_t i = 0; i < alarms.size(); ++i) {
      if (i == own) continue;
      if (i % 2 == 0) alarms[i]->get().cancel();
      if (i % 2 == 1) alarms[i].reset();
    }
  };
  for (std::size_t i = 0; i < alarms.size(); ++i) {
    alarms[i] = std::make_unique<alarm>([&, i] { end_the_others(i); });
  }
  wheel_.arm(alarms[2]->get(), origin_ + 10ms);
  wheel_.arm(alarms[0]->get(), origin_ + 10ms);
  wheel_.arm(alarms[1]->get(), origin_ + 10ms);
  wheel_.arm(alarms[3]->get(), origin_ + 11ms);
  EXPECT_EQ(advance_to(20ms).size(), 1U);
  EXPECT_EQ(wheel_.next(), std::nullopt);
}

TEST_F(timer_wheel_test, an_action_may_put_off_a_timer_that_is_due_as_well) {
  auto two = noting(2);
  alarm one{[&] {
    fired_.push_back(1);
    wheel_.arm(two->get(), origin_ + 50ms);
  }};
  wheel_.arm(one.get(), origin_ + 10ms);
  wheel_.arm(two->get(), origin_ + 10ms + 1ms);
  EXPECT_THAT(advance_to(20ms), ElementsAre(1));
  EXPECT_THAT(advance_to(50ms), ElementsAre(2));
}

TEST_F(timer_wheel_test, an_action_may_destroy_its_own_timer) {
  std::unique_ptr<alarm> own;
  int count = 0;
  own = std::make_unique<alarm>([&] {
    ++count;
    own.reset();
  });
  wheel_.arm(own->get(), origin_ + 10ms);
  wheel_.advance(origin_ + 10ms);
  EXPECT_EQ(count, 1);
  EXPECT_EQ(own, nullptr);
}

TEST_F(timer_wheel_test, a_wheel_that_dies_disarms) {
  auto one = noting(1), two = noting(2), three = noting(3);
  {
    timer_wheel brief{origin_};
    brief.arm(one->get(), origin_ + 1ms);
    brief.arm(two->get(), origin_ + 1ms);
    brief.arm(three->get(), origin_);
  }
  EXPECT_FALSE(one->get().is_armed());
  EXPECT_FALSE(three->get().is_armed());
  wheel_.arm(two->get(), origin_ + 2ms);
  EXPECT_THAT(advance_to(2ms), ElementsAre(2));
}

TEST_F(timer_wheel_test, tells_what_a_timer_was_armed_for_to_the_tick) {
  auto one = noting(1);
  wheel_.arm(one->get(), origin_ + 5ms + 1ns);
  EXPECT_EQ(wheel_.due(one->get()), origin_ + 6ms);
  EXPECT_THAT(advance_to(1h), ElementsAre(1));
  EXPECT_EQ(wheel_.due(one->get()), origin_ + 6ms) << "also when it has fired";
}

TEST_F(timer_wheel_test, is_emptied_of_the_timers_with_one_action) {
  struct found {
    timer own;
    int times = 0;
    static void act(void*) { FAIL(); }
    static void take(void* self) { ++static_cast<found*>(self)->times; }
    found() : own{act, this} {}
  };
  std::array<found, 200> all;
  std::vector<std::unique_ptr<alarm>> others;
  advance_to(1h);
  for (std::size_t i = 0; i < all.size(); ++i) {
    // On all levels, those that are due already among them.
    wheel_.arm(all[i].own, origin_ + std::chrono::milliseconds{(std::int64_t{1} << (i % 40)) + 3'599'000});
    others.push_back(noting(static_cast<int>(i)));
    wheel_.arm(others.back()->get(), origin_ + 2h + std::chrono::milliseconds{i});
  }
  wheel_.take_out(found::act, found::take);
  for (const found& each : all) {
    EXPECT_EQ(each.times, 1);
    EXPECT_FALSE(each.own.is_armed());
  }
  EXPECT_EQ(advance_to(3h).size(), others.size()) << "the others are not disturbed";
  EXPECT_TRUE(std::ranges::is_sorted(fired_));
  EXPECT_EQ(wheel_.next(), std::nullopt);
}

TEST_F(timer_wheel_test, whoever_is_taken_out_may_touch_any_timer) {
  struct neighbour {
    timer own{act, this};
    timer_wheel* wheel = nullptr;
    clock::time_point time = {};
    neighbour* cancels = nullptr;
    timer* arms = nullptr;
    int times = 0;
    static void act(void*) { FAIL(); }
    static void take(void* self) {
      auto& here = *static_cast<neighbour*>(self);
      ++here.times;
      if (here.cancels != nullptr) here.cancels->own.cancel();
      if (here.arms != nullptr) here.wheel->arm(*here.arms, here.time);
    }
  };
  auto other = noting(1);
  std::array<neighbour, 2> both;
  for (neighbour& each : both) {
    each.wheel = &wheel_;
    each.time = origin_ + 5ms;
    each.cancels = &each == both.data() ? &both[1] : both.data();
    each.arms = &other->get();
    wheel_.arm(each.own, origin_ + 5ms);
  }
  wheel_.take_out(neighbour::act, neighbour::take);
  EXPECT_EQ(both[0].times + both[1].times, 1) << "the other one was cancelled";
  EXPECT_THAT(advance_to(1h), ElementsAre(1));
}

}  // namespace
