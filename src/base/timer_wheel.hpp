#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/list_hook.hpp"

namespace naru::base {

/// Calls its action once, when the time that a `timer_wheel` was given for it has come. It belongs to one
/// worker, and dies or is cancelled without knowing the wheel. [worker]
class timer : private list_hook {
 public:
  using action = void (*)(void* owner);

  timer(action act, void* owner) noexcept : act_{act}, owner_{owner} {}
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;
  ~timer() { cancel(); }

  [[nodiscard]] bool is_armed() const noexcept { return is_linked(); }
  /// The action will not be called, unless the timer is armed again.
  void cancel() noexcept;

 private:
  friend class timer_wheel;

  std::uint64_t due_tick_ = 0;
  action act_;
  void* owner_;
};

/// The timers of one worker, to the millisecond.
///
/// Deadlines are counted in ticks since the origin. The wheel has eight levels of 64 slots, a level for each
/// six bits of a tick number, which is enough for every time point there is. A timer lies on the level of the
/// highest digit in which its tick differs from the wheel's position, in the slot that this digit names. So
/// the slots of one level all come before those of the levels above, and the first occupied slot of the
/// lowest occupied level is the next one to look at, however long that takes to come (G. Varghese, T. Lauck:
/// Hashed and Hierarchical Timing Wheels, 1987; a bitmap for each level spares walking over empty slots).
///
/// Arming, cancelling and `next` take constant time and no memory; a timer that waits costs nothing. [worker]
class timer_wheel {
 public:
  /// No tick comes before `origin`.
  explicit timer_wheel(clock::time_point origin) noexcept;
  timer_wheel(const timer_wheel&) = delete;
  timer_wheel& operator=(const timer_wheel&) = delete;
  /// Timers that are armed still are disarmed.
  ~timer_wheel() = default;

  /// Has the timer fire at the first `advance` that is not before `deadline`; a deadline that has passed,
  /// at the next one. A timer that is armed is moved. To put an armed timer off, as each message does to an
  /// idle timeout, costs one store: it stays where it is and is looked at again when that slot's time comes.
  void arm(timer& which, clock::time_point deadline) noexcept;

  /// When `advance` has something to do: to fire, or only to sort. Perhaps in the past. Nothing when no timer
  /// is armed.
  [[nodiscard]] std::optional<clock::time_point> next() const noexcept;

  /// Fires what is due at `now`, in the order of the ticks; within one tick, in no order. A time before that
  /// of an earlier call counts as that one.
  ///
  /// An action may arm, cancel and destroy any timer, its own included, and must not call `advance`. What it
  /// arms for a time that is not after `now` fires at the next `advance`, so that this one ends.
  void advance(clock::time_point now);

  /// What this timer was armed for last, to the tick: rounded up.
  [[nodiscard]] clock::time_point due(const timer& which) const noexcept { return time_of(which.due_tick_); }

  /// Disarms all timers with this action, in no order, and hands each one's owner over: for owners that
  /// nothing else knows. `take` may arm, cancel and destroy any timer. Takes as long as there are timers.
  void take_out(timer::action all_with, timer::action take);

 private:
  friend class timer;

  static constexpr unsigned digit_bits = 6;
  static constexpr unsigned slots_per_level = 1U << digit_bits;
  static constexpr unsigned level_count = 8;

  /// The head of a ring of timers, and the bit that says that there are any.
  class slot : private list_hook {
   public:
    slot() noexcept = default;
    slot(const slot&) = delete;
    slot& operator=(const slot&) = delete;
    ~slot();

    void watch_with(std::uint64_t& bits, std::uint64_t mask) noexcept;
    [[nodiscard]] bool empty() const noexcept { return !is_linked(); }
    void push_back(timer& which) noexcept;
    /// Takes the first one out; null when there is none.
    timer* pop_front() noexcept;
    void take_all_of(slot& other) noexcept;

   private:
    friend class timer;
    void note_empty() noexcept;

    std::uint64_t* bits_ = nullptr;
    std::uint64_t mask_ = 0;
  };

  /// A slot, and the tick at which its time comes.
  struct slot_position {
    std::size_t index;
    std::uint64_t tick;
  };

  [[nodiscard]] std::optional<slot_position> next_slot() const noexcept;
  [[nodiscard]] std::uint64_t whole_ticks_until(clock::time_point time) const noexcept;
  [[nodiscard]] std::uint64_t tick_not_before(clock::time_point time) const noexcept;
  [[nodiscard]] clock::time_point time_of(std::uint64_t tick) const noexcept;
  void insert(timer& which) noexcept;
  void sort(slot& mixed, slot& due) noexcept;
  static void fire(slot& due);

  clock::time_point origin_;
  std::uint64_t now_tick_ = 0;
  // Behind now_tick_ only inside `advance`.
  std::uint64_t position_ = 0;
  std::array<std::uint64_t, level_count> occupied_ = {};
  slot overdue_ = {};
  std::array<slot, std::size_t{level_count} * slots_per_level> slots_ = {};
};

}  // namespace naru::base
