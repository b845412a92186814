#include "core/timed_task.hpp"

#include <algorithm>
#include <new>
#include <type_traits>
#include <utility>

#include <naru/error.hpp>

#include "core/inbox.hpp"
#include "core/worker.hpp"

namespace naru::core {

namespace {

/// Longer than any program runs, and short enough to be added twice to any time.
constexpr std::chrono::milliseconds delay_max = std::chrono::years{100};

/// Asks the worker to end one that was cancelled elsewhere, which it would otherwise notice only when it is
/// due.
class cancel_letter final : public letter {
 public:
  explicit cancel_letter(timed_task& task) noexcept : task_{task} { task_.hold(); }
  void deliver(worker&) noexcept override {
    task_.end();
    discard();
  }
  void discard() noexcept override {
    task_.release();
    delete this;
  }

 private:
  ~cancel_letter() = default;
  timed_task& task_;
};

}  // namespace

static_assert(sizeof(network_task) <= 88, "with what an allocator adds, a timer of a network takes 96 bytes");

std::error_code timed_task::check_delay(std::chrono::milliseconds delay) noexcept {
  return delay.count() < 0 ? make_error_code(errc::negative_duration) : std::error_code{};
}

std::error_code timed_task::check_period(std::chrono::milliseconds period) noexcept {
  return period.count() == 0 ? make_error_code(errc::zero_limit) : check_delay(period);
}

std::chrono::milliseconds timed_task::clamped(std::chrono::milliseconds delay) noexcept {
  return std::min(delay, delay_max);
}

void timed_task::cancel(inbox& mail) noexcept {
  if (!stop_pending()) return;
  const worker* const here = worker::current();
  if (here != nullptr && &here->mail() == &mail) {
    // One that is on its way is met by `wait_at`.
    if (stage_ != stage::on_its_way) end();
    return;
  }
  auto* const letter = new (std::nothrow) cancel_letter{*this};
  if (letter != nullptr && !mail.push(*letter)) letter->discard();
}

letter& timed_task::addressed(time_point due) noexcept {
  return *std::construct_at(&on_way, *this, due.time_since_epoch(), false);
}

letter& timed_task::addressed(std::chrono::milliseconds delay) noexcept {
  return *std::construct_at(&on_way, *this, delay, true);
}

void timed_task::arrival::deliver(worker& at) noexcept {
  // The timer takes the place of this letter.
  timed_task& task = task_;
  const std::chrono::nanoseconds when = when_;
  if (from_arrival_) at.time_has_passed();
  task.wait_at(at, from_arrival_ ? at.now() + when : time_point{when});
}

void timed_task::wait_at(worker& at, time_point due) noexcept {
  static_assert(std::is_trivially_destructible_v<arrival>, "it is left where it is overwritten");
  at.assert_here();
  if (!is_pending() || (kind_ == kind::of_connection && !static_cast<connection_task*>(this)->join())) {
    end();
    return;
  }
  std::construct_at(&in_wheel, is_due, static_cast<void*>(this));
  stage_ = stage::waiting;
  at.timers().arm(in_wheel, due);
}

/// A run of the last kind and a `cancel` elsewhere exclude each other: one of them is first.
bool timed_task::begins_to_run() noexcept {
  if (kind_ == kind::of_connection && !static_cast<connection_task*>(this)->is_wanted()) return false;
  return period_ == 0 ? stop_pending() : is_pending();
}

void timed_task::fire() noexcept {
  if (!begins_to_run()) {
    end();
    return;
  }
  worker& at = *worker::current();
  hold();  // what runs may end the connection, and that this
  stage_ = stage::running;
  if (kind_ == kind::of_network) {
    static_cast<network_task*>(this)->run(at);
  } else {
    static_cast<connection_task*>(this)->run();
  }
  stage_ = stage::waiting;
  if (is_pending()) {
    wait_again(at);
  } else {
    end();
  }
  release();
}

void timed_task::wait_again(worker& at) noexcept {
  const auto period = packed_period::unpack(period_);
  const time_point next = at.timers().due(in_wheel) + period;
  at.timers().arm(in_wheel, next > at.now() ? next : at.now() + period);
}

void timed_task::end() noexcept {
  stop_pending();
  if (stage_ == stage::running || stage_ == stage::ended) return;
  if (stage_ == stage::waiting) std::destroy_at(&in_wheel);
  stage_ = stage::ended;
  // Destroying what the user gave may run anything, so it is done when nothing else is left to do.
  if (kind_ == kind::of_network) {
    const auto last = std::move(static_cast<network_task*>(this)->call_);
    release();
  } else {
    auto& self = static_cast<connection_task&>(*this);
    base::intrusive_list<connection_task, timed_tag>::remove(self);
    self.of_.reset();
    const auto last = std::move(self.call_);
    release();
  }
}

void timed_task::end_all(base::timer_wheel& wheel) noexcept {
  wheel.take_out(is_due, [](void* self) { static_cast<timed_task*>(self)->end(); });
}

}  // namespace naru::core
