#pragma once

#include <memory>

#include <naru/export.hpp>

namespace naru {

namespace core {
class inbox;
class timed_task;
}  // namespace core

/// A function that waits for its time: what `after` and `every` of `network` and `connection` return, to call
/// it off.
///
/// Times are whole milliseconds. A function never runs early; late by less than a millisecond, and as long as
/// its worker was busy or the system's clock is coarse (docs/time.md). A delay may be 0, which is the next
/// turn of the worker; one of more than a hundred years counts as that. A period is at least 1 ms; of more
/// than three days it is rounded up to whole seconds, and one of more than eight years counts as that.
/// `every` does not catch up: it is due a period after it was due last, or, when that has passed as well by
/// the end of its run, a period from then on.
///
/// Ownership: this is a handle, as light as two pointers and a number. It may be copied; all copies stand for
/// the same function. The worker owns the function, not the handle: to drop the handle changes nothing, and
/// the function waits on. It is destroyed on its worker, when it has run for the last time, when it was
/// called off, or unrun when its connection or the network ends.
///
/// Thread safety: `cancel` and `is_pending` may be called from any thread at any time, also after the network
/// is gone; one and the same handle object must not be assigned to by another thread meanwhile.
///
/// Re-entrancy: both may be called inside any handler, and inside the function itself.
class NARU_API timer {
 public:
  /// Stands for nothing: it is not pending.
  timer() noexcept = default;
  timer(const timer& other) noexcept;
  timer(timer&& other) noexcept;
  timer& operator=(timer other) noexcept;
  ~timer();

  /// The function will not run any more; a second call does nothing.
  ///
  /// On the worker that owns it (in another handler of the same connection, or inside the function itself)
  /// that is so from the moment of the call, and the function is destroyed before the call returns, unless it
  /// is the caller. On another thread it is so unless a run has begun already: that one is not waited for,
  /// and may end after this call has returned; none comes after it. The function is then destroyed soon, by
  /// its worker. Is memory short, that is when it would have been due.
  void cancel() noexcept;

  /// Whether it is still going to run: false from the beginning of its only run on, after `cancel`, and when
  /// it was destroyed unrun. Of `every`, true until it ends.
  [[nodiscard]] bool is_pending() const noexcept;

 private:
  friend class core::timed_task;
  timer(core::timed_task& task, std::shared_ptr<core::inbox> mail) noexcept;

  core::timed_task* task_ = nullptr;
  std::shared_ptr<core::inbox> mail_ = nullptr;
};

}  // namespace naru
