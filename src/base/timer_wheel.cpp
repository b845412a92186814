#include "base/timer_wheel.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <ratio>
#include <type_traits>

#include "base/assert.hpp"

namespace naru::base {
namespace {

constexpr std::uint64_t tick_ns = 1'000'000;

static_assert(std::is_same_v<clock::time_point::period, std::nano>, "ticks are counted from nanoseconds");
static_assert(sizeof(timer) <= 48, "each connection has timers: they stay small");

}  // namespace

void timer::cancel() noexcept {
  if (!is_linked()) return;
  list_hook* const neighbour = next();
  const bool alone = neighbour == previous();
  unlink();
  if (alone) static_cast<timer_wheel::slot*>(neighbour)->note_empty();
}

timer_wheel::slot::~slot() {
  while (pop_front() != nullptr) {
  }
}

void timer_wheel::slot::watch_with(std::uint64_t& bits, std::uint64_t mask) noexcept {
  bits_ = &bits;
  mask_ = mask;
}

void timer_wheel::slot::push_back(timer& which) noexcept {
  which.link_before(*this);
  if (bits_ != nullptr) *bits_ |= mask_;
}

timer* timer_wheel::slot::pop_front() noexcept {
  if (empty()) return nullptr;
  auto* const first = static_cast<timer*>(next());
  first->cancel();
  return first;
}

void timer_wheel::slot::take_all_of(slot& other) noexcept {
  splice_before(other);
  other.note_empty();
}

void timer_wheel::slot::note_empty() noexcept {
  if (bits_ != nullptr) *bits_ &= ~mask_;
}

timer_wheel::timer_wheel(clock::time_point origin) noexcept : origin_{origin} {
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    slots_[index].watch_with(occupied_[index / slots_per_level], std::uint64_t{1} << index % slots_per_level);
  }
}

void timer_wheel::arm(timer& which, clock::time_point deadline) noexcept {
  const std::uint64_t tick = tick_not_before(deadline);
  const bool waits_in_a_slot = which.is_armed() && which.due_tick_ > now_tick_;
  if (waits_in_a_slot && tick >= which.due_tick_) {
    which.due_tick_ = tick;
    return;
  }
  which.cancel();
  which.due_tick_ = tick;
  if (tick <= now_tick_) {
    overdue_.push_back(which);
  } else {
    insert(which);
  }
}

std::optional<clock::time_point> timer_wheel::next() const noexcept {
  if (!overdue_.empty()) return time_of(now_tick_);
  const auto first = next_slot();
  if (!first) return std::nullopt;
  return time_of(first->tick);
}

void timer_wheel::advance(clock::time_point now) {
  NARU_ASSERT(position_ == now_tick_, "no action advances the wheel that calls it");
  now_tick_ = std::max(now_tick_, whole_ticks_until(now));
  slot due;
  due.take_all_of(overdue_);
  fire(due);
  for (auto first = next_slot(); first && first->tick <= now_tick_; first = next_slot()) {
    position_ = first->tick;
    slot mixed;
    mixed.take_all_of(slots_[first->index]);
    sort(mixed, due);
    fire(due);
  }
  // What is left in the wheel lies in slots after this time, so all of it still lies where it belongs.
  position_ = now_tick_;
}

void timer_wheel::take_out(timer::action all_with, timer::action take) {
  const auto take_from = [&](slot& mixed) {
    slot all;
    slot others;
    all.take_all_of(mixed);
    while (timer* const which = all.pop_front()) {
      if (which->act_ == all_with) {
        take(which->owner_);
      } else {
        others.push_back(*which);
      }
    }
    while (timer* const which = others.pop_front()) mixed.push_back(*which);
  };
  take_from(overdue_);
  for (slot& each : slots_) {
    if (!each.empty()) take_from(each);
  }
}

/// The slot whose time comes next. [worker]
std::optional<timer_wheel::slot_position> timer_wheel::next_slot() const noexcept {
  const auto level_bits =
      std::find_if(occupied_.begin(), occupied_.end(), [](auto bits) { return bits != 0; });
  if (level_bits == occupied_.end()) return std::nullopt;
  const auto level = static_cast<unsigned>(level_bits - occupied_.begin());
  const auto digit = static_cast<unsigned>(std::countr_zero(*level_bits));
  const unsigned shift = level * digit_bits;
  // The digits above are those of the position, the ones below are zero.
  const std::uint64_t above = position_ >> (shift + digit_bits) << (shift + digit_bits);
  return slot_position{.index = std::size_t{level} * slots_per_level + digit,
                       .tick = above | std::uint64_t{digit} << shift};
}

/// Unsigned: the distance between any two time points fits, and the subtraction cannot overflow. [worker]
std::uint64_t timer_wheel::whole_ticks_until(clock::time_point time) const noexcept {
  if (time <= origin_) return 0;
  const auto from = static_cast<std::uint64_t>(origin_.time_since_epoch().count());
  const auto to = static_cast<std::uint64_t>(time.time_since_epoch().count());
  return (to - from) / tick_ns;
}

/// Rounded up, so that no timer fires early. [worker]
std::uint64_t timer_wheel::tick_not_before(clock::time_point time) const noexcept {
  const std::uint64_t whole = whole_ticks_until(time);
  return time_of(whole) < time ? whole + 1 : whole;
}

/// The last ticks there are lie beyond the last time point, which then stands for them. [worker]
clock::time_point timer_wheel::time_of(std::uint64_t tick) const noexcept {
  if (tick > whole_ticks_until(clock::time_point::max())) return clock::time_point::max();
  const auto from = static_cast<std::uint64_t>(origin_.time_since_epoch().count());
  const auto count = static_cast<clock::time_point::rep>(from + tick * tick_ns);
  return clock::time_point{clock::time_point::duration{count}};
}

/// Only for a tick after the position. [worker]
void timer_wheel::insert(timer& which) noexcept {
  NARU_ASSERT(which.due_tick_ > position_, "a slot is for timers that are not due yet");
  const auto highest_bit = static_cast<unsigned>(std::bit_width(which.due_tick_ ^ position_)) - 1;
  const unsigned level = highest_bit / digit_bits;
  const auto digit = which.due_tick_ >> (level * digit_bits) & (slots_per_level - 1);
  slots_[std::size_t{level} * slots_per_level + digit].push_back(which);
}

/// What came to its time is due; what lies later, or was put off meanwhile, goes where it belongs now.
/// [worker]
void timer_wheel::sort(slot& mixed, slot& due) noexcept {
  while (timer* const which = mixed.pop_front()) {
    if (which->due_tick_ <= position_) {
      due.push_back(*which);
    } else {
      insert(*which);
    }
  }
}

void timer_wheel::fire(slot& due) {
  while (timer* const which = due.pop_front()) which->act_(which->owner_);
}

}  // namespace naru::base
