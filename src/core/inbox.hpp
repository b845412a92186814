#pragma once

#include <atomic>
#include <cstddef>

#include "core/letter.hpp"

namespace naru::engine {
class engine;
}

namespace naru::core {

/// Where other threads put what a worker shall do: first in, first out, without a lock. Lives as long as
/// anybody can still write to it, longer than its worker: what is sent to one that has closed is refused.
///
/// Wakes are saved: only a worker that sleeps, or is about to, is woken, and only by the first letter.
class inbox {
 public:
  explicit inbox(engine::engine& sleeper) noexcept : sleeper_{&sleeper} {}
  inbox(const inbox&) = delete;
  inbox& operator=(const inbox&) = delete;
  ~inbox();

  /// Takes the letter, or answers false when the inbox has closed: the letter then stays with the caller.
  /// [any]
  [[nodiscard]] bool push(letter& one) noexcept;

  /// No letter will be taken any more. [any]
  [[nodiscard]] bool is_closed() const noexcept;

  /// True when there may be letters; a letter that was pushed before, in the sense of happens-before, is
  /// seen. [worker]
  [[nodiscard]] bool has_mail() const noexcept { return newest_.load(std::memory_order_acquire) != nullptr; }
  /// All letters, oldest first, linked by `next`; null when there is none. [worker]
  [[nodiscard]] letter* take_all() noexcept;

  /// Says that the worker goes to sleep. False: there is mail, and it must not. [worker]
  [[nodiscard]] bool prepare_sleep() noexcept;
  /// Says that it does not sleep any more. [worker]
  void awake() noexcept { asleep_.store(false, std::memory_order_seq_cst); }

  /// Closes for ever, if it is empty. When this has answered true no other thread touches the engine any
  /// more. [worker]
  [[nodiscard]] bool try_close() noexcept;

 private:
  void wake_sleeper() noexcept;

  /// A stack: writers push in front, the reader takes it whole and turns it round.
  std::atomic<letter*> newest_ = nullptr;
  std::atomic<bool> asleep_ = false;
  /// Threads that may be about to call the engine.
  std::atomic<unsigned> wakers_ = 0;
  engine::engine* sleeper_;
};

}  // namespace naru::core
