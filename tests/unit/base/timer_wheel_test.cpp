#include "base/timer_wheel.hpp"

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

class TimerWheel : public testing::Test {
 protected:
  std::unique_ptr<alarm> noting(int number) {
    return std::make_unique<alarm>([this, number] { fired.push_back(number); });
  }
  std::vector<int> advance_to(clock::time_point::duration since_origin) {
    fired.clear();
    wheel.advance(origin + since_origin);
    return fired;
  }
  std::optional<std::chrono::nanoseconds> next() const {
    const auto time = wheel.next();
    if (!time) return std::nullopt;
    return *time - origin;
  }

  const clock::time_point origin{1'234'567'891'011ns};
  timer_wheel wheel{origin};
  std::vector<int> fired;
};

TEST_F(TimerWheel, HasNothingToDoWhenEmpty) {
  EXPECT_EQ(wheel.next(), std::nullopt);
  EXPECT_THAT(advance_to(24h * 365), IsEmpty());
  EXPECT_EQ(wheel.next(), std::nullopt);
}

TEST_F(TimerWheel, FiresNeverEarlyAndAtMostOneTickLate) {
  auto one = noting(1);
  wheel.arm(one->get(), origin + 5ms + 1ns);
  EXPECT_THAT(advance_to(5ms), IsEmpty());
  EXPECT_THAT(advance_to(5ms + 999'999ns), IsEmpty());
  EXPECT_THAT(advance_to(6ms), ElementsAre(1));
  EXPECT_FALSE(one->get().is_armed());
  EXPECT_THAT(advance_to(1h), IsEmpty());
}

TEST_F(TimerWheel, FiresOnTheTick) {
  auto one = noting(1);
  wheel.arm(one->get(), origin + 5ms);
  EXPECT_EQ(next(), 5ms);
  EXPECT_THAT(advance_to(5ms - 1ns), IsEmpty());
  EXPECT_THAT(advance_to(5ms), ElementsAre(1));
}

TEST_F(TimerWheel, FiresInOrderWhateverTheOrderOfArming) {
  std::vector<std::unique_ptr<alarm>> alarms;
  for (const int ms : {7000, 3, 262144, 64, 63, 65, 4096, 4095, 1}) {
    alarms.push_back(noting(ms));
    wheel.arm(alarms.back()->get(), origin + std::chrono::milliseconds{ms});
  }
  EXPECT_THAT(advance_to(1h), ElementsAre(1, 3, 63, 64, 65, 4095, 4096, 7000, 262144));
}

TEST_F(TimerWheel, APassedDeadlineFiresAtTheNextAdvance) {
  advance_to(100ms);
  auto one = noting(1), two = noting(2), three = noting(3);
  wheel.arm(one->get(), origin - 1h);
  wheel.arm(two->get(), origin + 100ms);
  wheel.arm(three->get(), clock::time_point::min());
  EXPECT_LE(next(), 100ms);
  EXPECT_THAT(advance_to(100ms), ElementsAre(1, 2, 3));
  EXPECT_EQ(wheel.next(), std::nullopt);
}

TEST_F(TimerWheel, TimeThatGoesBackIsNoTime) {
  auto one = noting(1);
  advance_to(100ms);
  wheel.arm(one->get(), origin + 101ms);
  EXPECT_THAT(advance_to(50ms), IsEmpty());
  EXPECT_THAT(advance_to(101ms), ElementsAre(1));
  EXPECT_THAT(advance_to(50ms), IsEmpty());
  wheel.arm(one->get(), origin + 60ms);
  EXPECT_THAT(advance_to(50ms), ElementsAre(1));
}

TEST_F(TimerWheel, EveryPowerOfTwoIsMetToTheTick) {
  for (int bit = 0; bit < 40; ++bit) {
    for (const std::int64_t offset : {-1, 0, 1}) {
      const auto deadline = std::chrono::milliseconds{(std::int64_t{1} << bit) + offset};
      timer_wheel fresh{origin};
      int count = 0;
      alarm one{[&] { ++count; }};
      fresh.arm(one.get(), origin + deadline);
      int steps = 0;
      while (const auto time = fresh.next()) {
        ASSERT_EQ(count, 0);
        ASSERT_LE(*time, origin + deadline);
        fresh.advance(*time);
        ASSERT_LE(++steps, 9) << "a wait of any length is a few steps";
        if (count != 0) {
          ASSERT_EQ(*time, origin + deadline);
        }
      }
      ASSERT_EQ(count, 1) << deadline.count();
    }
  }
}

TEST_F(TimerWheel, CancelledTimersDoNotFire) {
  auto one = noting(1), two = noting(2), three = noting(3);
  wheel.arm(one->get(), origin + 10ms);
  wheel.arm(two->get(), origin + 10ms);
  wheel.arm(three->get(), origin - 10ms);
  one->get().cancel();
  one->get().cancel();
  three.reset();
  EXPECT_FALSE(one->get().is_armed());
  EXPECT_TRUE(two->get().is_armed());
  EXPECT_EQ(next(), 10ms);
  EXPECT_THAT(advance_to(20ms), ElementsAre(2));
}

TEST_F(TimerWheel, NothingIsNextWhenAllAreCancelled) {
  std::vector<std::unique_ptr<alarm>> alarms;
  for (int i = -10; i < 1000; ++i) {
    alarms.push_back(noting(i));
    wheel.arm(alarms.back()->get(), origin + i * 7ms);
  }
  for (auto& each : alarms) each->get().cancel();
  EXPECT_EQ(wheel.next(), std::nullopt);
}

TEST_F(TimerWheel, AnArmedTimerIsMovedForwardAndBack) {
  auto one = noting(1);
  wheel.arm(one->get(), origin + 50ms);
  wheel.arm(one->get(), origin + 5000ms);
  wheel.arm(one->get(), origin + 70ms);
  EXPECT_THAT(advance_to(69ms), IsEmpty());
  EXPECT_THAT(advance_to(70ms), ElementsAre(1));
  wheel.arm(one->get(), origin + 5000ms);
  wheel.arm(one->get(), origin + 80ms);
  EXPECT_EQ(next(), 80ms);
  wheel.arm(one->get(), origin);
  EXPECT_THAT(advance_to(70ms), ElementsAre(1));
  EXPECT_THAT(advance_to(1h), IsEmpty());
}

// As an idle timeout does, which each message puts off.
TEST_F(TimerWheel, ATimerThatIsPutOffAgainAndAgainFiresOnce) {
  auto one = noting(1);
  for (int ms = 0; ms <= 10'000; ms += 7) {
    ASSERT_THAT(advance_to(ms * 1ms), IsEmpty());
    wheel.arm(one->get(), origin + ms * 1ms + 300ms);
  }
  const auto deadline = 9996ms + 300ms;
  EXPECT_THAT(advance_to(deadline - 1ns), IsEmpty());
  EXPECT_THAT(advance_to(deadline), ElementsAre(1));
}

TEST_F(TimerWheel, AnOverdueTimerCanBePutOff) {
  auto one = noting(1);
  wheel.arm(one->get(), origin - 1ms);
  wheel.arm(one->get(), origin + 10ms);
  EXPECT_THAT(advance_to(9ms), IsEmpty());
  EXPECT_THAT(advance_to(10ms), ElementsAre(1));
}

TEST_F(TimerWheel, YearsAndTheEndOfTime) {
  auto one = noting(1), two = noting(2);
  constexpr auto year = std::chrono::hours{24 * 365};
  wheel.arm(one->get(), origin + 100 * year);
  wheel.arm(two->get(), clock::time_point::max());
  EXPECT_THAT(advance_to(100 * year - 1ms), IsEmpty());
  EXPECT_THAT(advance_to(100 * year), ElementsAre(1));
  ASSERT_TRUE(wheel.next().has_value());
  EXPECT_GT(*wheel.next(), origin + 100 * year);
  EXPECT_TRUE(two->get().is_armed());
}

TEST(TimerWheelOrigin, MayBeTheBeginningOfTime) {
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

TEST_F(TimerWheel, AnActionMayArmItsOwnTimer) {
  int left = 5;
  std::unique_ptr<alarm> again;
  again = std::make_unique<alarm>([&] {
    fired.push_back(left);
    if (--left > 0) wheel.arm(again->get(), origin + 10ms * (6 - left));
  });
  wheel.arm(again->get(), origin + 10ms);
  EXPECT_THAT(advance_to(10ms), ElementsAre(5));
  EXPECT_THAT(advance_to(29ms), ElementsAre(4));
  // All of these are overdue when they are armed: one an advance, so that an advance ends.
  EXPECT_THAT(advance_to(1s), ElementsAre(3));
  EXPECT_THAT(advance_to(1s), ElementsAre(2));
  EXPECT_THAT(advance_to(1s), ElementsAre(1));
  EXPECT_EQ(wheel.next(), std::nullopt);
}

TEST_F(TimerWheel, AnActionMayCancelAndDestroyTimersThatAreDueAsWell) {
  std::vector<std::unique_ptr<alarm>> alarms(4);
  const auto end_the_others = [&](std::size_t own) {
    fired.push_back(static_cast<int>(own));
    for (std::size_t i = 0; i < alarms.size(); ++i) {
      if (i == own) continue;
      if (i % 2 == 0) alarms[i]->get().cancel();
      if (i % 2 == 1) alarms[i].reset();
    }
  };
  for (std::size_t i = 0; i < alarms.size(); ++i) {
    alarms[i] = std::make_unique<alarm>([&, i] { end_the_others(i); });
  }
  wheel.arm(alarms[2]->get(), origin + 10ms);
  wheel.arm(alarms[0]->get(), origin + 10ms);
  wheel.arm(alarms[1]->get(), origin + 10ms);
  wheel.arm(alarms[3]->get(), origin + 11ms);
  EXPECT_EQ(advance_to(20ms).size(), 1U);
  EXPECT_EQ(wheel.next(), std::nullopt);
}

TEST_F(TimerWheel, AnActionMayPutOffATimerThatIsDueAsWell) {
  auto two = noting(2);
  alarm one{[&] {
    fired.push_back(1);
    wheel.arm(two->get(), origin + 50ms);
  }};
  wheel.arm(one.get(), origin + 10ms);
  wheel.arm(two->get(), origin + 10ms + 1ms);
  EXPECT_THAT(advance_to(20ms), ElementsAre(1));
  EXPECT_THAT(advance_to(50ms), ElementsAre(2));
}

TEST_F(TimerWheel, AnActionMayDestroyItsOwnTimer) {
  std::unique_ptr<alarm> own;
  int count = 0;
  own = std::make_unique<alarm>([&] {
    ++count;
    own.reset();
  });
  wheel.arm(own->get(), origin + 10ms);
  wheel.advance(origin + 10ms);
  EXPECT_EQ(count, 1);
  EXPECT_EQ(own, nullptr);
}

TEST_F(TimerWheel, AWheelThatDiesDisarms) {
  auto one = noting(1), two = noting(2), three = noting(3);
  {
    timer_wheel brief{origin};
    brief.arm(one->get(), origin + 1ms);
    brief.arm(two->get(), origin + 1ms);
    brief.arm(three->get(), origin);
  }
  EXPECT_FALSE(one->get().is_armed());
  EXPECT_FALSE(three->get().is_armed());
  wheel.arm(two->get(), origin + 2ms);
  EXPECT_THAT(advance_to(2ms), ElementsAre(2));
}

}  // namespace
