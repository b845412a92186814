#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "base/timer_wheel.hpp"

// The wheel against a model that is too simple to be wrong, a sorted map of deadlines: random operations, of
// which half come from inside actions.
namespace {

using naru::base::clock;
using naru::base::timer;
using naru::base::timer_wheel;
using std::chrono::nanoseconds;
using namespace std::chrono_literals;

class player {
 public:
  explicit player(std::uint64_t seed) : random_{seed} {
    for (std::size_t i = 0; i < entry_count; ++i) make(i);
  }

  void step() {
    const std::uint64_t dice = pick(10);
    if (dice < 6) {
      change();
    } else if (dice < 8) {
      advance(now_ + some_time());
    } else {
      const auto next = wheel_.next();
      advance(next && *next > now_ ? *next : now_);
    }
    check_next();
  }

  /// Steps from one `next` to the next until nothing is armed.
  void run_dry() {
    calm_ = true;
    while (const auto next = wheel_.next()) {
      advance(std::max(*next, now_));
      check_next();
    }
    EXPECT_TRUE(model_.empty());
  }

  [[nodiscard]] std::uint64_t fired() const { return fired_; }

 private:
  static constexpr std::size_t entry_count = 60;

  struct entry {
    entry(player& its_owner, std::size_t its_index) : owner{its_owner}, index{its_index} {}
    player& owner;
    std::size_t index;
    timer own{[](void* self) { static_cast<entry*>(self)->fire(); }, this};
    void fire() { owner.on_fired(index); }
  };

  /// When a timer is due: in which advance at the earliest, and its place in the order.
  struct expectation {
    clock::time_point deadline;
    std::int64_t tick;
    std::uint64_t first_advance;
  };

  std::uint64_t pick(std::uint64_t below) { return random_() % below; }

  /// From nothing to years, each order of magnitude as likely as the others, and on a tick half of the time.
  nanoseconds some_time() {
    const auto magnitude = static_cast<unsigned>(pick(57));
    auto time = nanoseconds{static_cast<std::int64_t>(pick(std::uint64_t{1} << magnitude))};
    if (pick(2) == 0) time -= time % 1ms;
    return time;
  }

  void make(std::size_t index) { entries_[index] = std::make_unique<entry>(*this, index); }

  static std::int64_t tick_not_before(nanoseconds since_origin) {
    return std::chrono::ceil<std::chrono::milliseconds>(since_origin).count();
  }
  std::int64_t now_tick() const {
    return std::chrono::floor<std::chrono::milliseconds>(now_ - origin_).count();
  }

  void arm(std::size_t index) {
    const nanoseconds offset = pick(8) == 0 ? -some_time() : some_time();
    const clock::time_point deadline = now_ + offset;
    wheel_.arm(entries_[index]->own, deadline);
    const bool overdue = tick_not_before(deadline - origin_) <= now_tick();
    model_[index] = {.deadline = deadline,
                     .tick = overdue ? now_tick() : tick_not_before(deadline - origin_),
                     .first_advance = overdue ? advance_count_ + 1 : 0};
  }

  void change() {
    const auto index = static_cast<std::size_t>(pick(entry_count));
    const std::uint64_t dice = pick(8);
    if (dice < 6) {
      arm(index);
    } else if (dice == 6) {
      entries_[index]->own.cancel();
      model_.erase(index);
    } else {
      entries_[index].reset();
      model_.erase(index);
      make(index);
    }
    EXPECT_EQ(entries_[index]->own.is_armed(), model_.contains(index));
  }

  /// The tick of what is due first in this advance; -1 when nothing is.
  std::int64_t first_due_tick() const {
    std::int64_t first = -1;
    for (const auto& [index, expected] : model_) {
      const bool due = expected.tick <= now_tick() && expected.first_advance <= advance_count_;
      if (due && (first < 0 || expected.tick < first)) first = expected.tick;
    }
    return first;
  }

  void on_fired(std::size_t index) {
    ++fired_;
    ASSERT_TRUE(model_.contains(index)) << "fired without being armed";
    const expectation expected = model_[index];
    EXPECT_LE(expected.deadline, now_) << "fired early";
    EXPECT_EQ(expected.tick, first_due_tick()) << "fired out of order";
    model_.erase(index);
    EXPECT_FALSE(entries_[index]->own.is_armed());
    if (calm_) return;
    for (std::uint64_t left = pick(4); left > 0; --left) change();
    if (pick(4) == 0) arm(index);
  }

  void advance(clock::time_point to) {
    now_ = to;
    ++advance_count_;
    wheel_.advance(to);
    EXPECT_EQ(first_due_tick(), -1) << "something due has not fired";
  }

  void check_next() const {
    const auto next = wheel_.next();
    ASSERT_EQ(next.has_value(), !model_.empty());
    for (const auto& [index, expected] : model_) {
      ASSERT_LE(*next, std::max(origin_ + std::chrono::milliseconds{expected.tick}, now_));
    }
  }

  std::mt19937_64 random_;
  clock::time_point origin_{nanoseconds{random_() % 1'000'000'000'000}};
  clock::time_point now_ = origin_;
  timer_wheel wheel_{origin_};
  std::vector<std::unique_ptr<entry>> entries_{entry_count};
  std::map<std::size_t, expectation> model_;
  std::uint64_t advance_count_ = 0;
  std::uint64_t fired_ = 0;
  bool calm_ = false;
};

class timer_wheel_model : public testing::TestWithParam<std::uint64_t> {};

TEST_P(timer_wheel_model, agrees_with_the_wheel) {
  constexpr int step_count = 3000;
  player game{GetParam()};
  for (int i = 0; i < step_count && !HasFailure(); ++i) game.step();
  if (!HasFailure()) game.run_dry();
  EXPECT_GT(game.fired(), 500U);
}

INSTANTIATE_TEST_SUITE_P(seeds, timer_wheel_model, testing::Range(std::uint64_t{1}, std::uint64_t{21}));

}  // namespace
