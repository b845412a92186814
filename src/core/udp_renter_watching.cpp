#include <atomic>
#include <chrono>
#include <utility>

#include "core/udp_renter.hpp"
#include "core/udp_socket.hpp"
#include "core/worker.hpp"

namespace naru::core {

bool udp_renter::begin_watch() noexcept {
  const profile& common = shell_->common();
  if (common.options.backlog_age_max.count() > 0) lessor_.at().keep_queue_time();
  if (!watch::is_wanted(common)) return true;
  const auto is_due = [](void* self) { static_cast<udp_renter*>(self)->watch_is_due(); };
  watch_ = watch::make(lessor_.at(), shell_, is_due, this);
  return watch_ != nullptr;
}

bool udp_renter::is_let_in(std::size_t bytes) noexcept {
  if (watch_->is_held()) return false;
  receive_allowance* const allowance = watch_->allowance();
  if (allowance == nullptr) return true;
  const auto now = lessor_.at().now();
  if (allowance->allows(bytes, now)) {
    allowance->take(bytes, now);
    return true;
  }
  if (shell_->common().options.budget.past == budget_policy::close) fail({close_cause::rate});
  return false;
}

bool udp_renter::deliver_elsewhere(strand& there, bytes_view datagram) noexcept {
  return there.has_room_for(datagram.size()) && there.post_message(datagram);
}

void udp_renter::queued_watched() noexcept {
  if (shell_->common().options.flush == flush_policy::at_once) lessor_.push();
  lessor_.at().settle_later(*this);
}

bool udp_renter::waits_for_tick() noexcept {
  if (watch_ == nullptr) [[likely]]
    return false;
  const connection_options& options = shell_->common().options;
  if (options.flush != flush_policy::tick || ticks_now_ || is_closing()) return false;
  if (!watch_->is_set(watch::deadline::flush)) {
    watch_->set(watch::deadline::flush, watch::next_tick(lessor_.at().now(), options.flush_interval));
  }
  return true;
}

void udp_renter::flush_waiting() noexcept {
  if (!has_queued() || !may_send(front().size())) return;
  ticks_now_ = true;
  lessor_.wait_for_room(*this);
  lessor_.serve_waiting();
  ticks_now_ = false;
}

void udp_renter::watch_queue() noexcept {
  if (is_closing()) return;
  const connection_options& options = shell_->common().options;
  if (options.flush == flush_policy::tick && shell_->reserved() >= engine::stream::send_bytes_max) {
    flush_waiting();
  }
  if (queue_.empty()) {
    watch_->clear(watch::deadline::stall);
  } else if (options.write_stall_timeout.count() > 0 && !watch_->is_set(watch::deadline::stall)) {
    watch_->set(watch::deadline::stall, lessor_.at().now() + options.write_stall_timeout);
  }
  if (options.backlog_age_max.count() > 0) look_at_age();
  look_at_backlog();
}

void udp_renter::look_at_age() noexcept {
  const connection_options& options = shell_->common().options;
  const auto age_max = static_cast<std::uint32_t>(options.backlog_age_max.count());
  const auto age = [this] { return queue_.age_ms(shell_->known_rare(), lessor_.at().queues()); };
  if (options.when_backlog_full == backlog_policy::drop_oldest) {
    while (!queue_.empty() && age() >= age_max) {
      queue_.oldest_to_front(shell_->known_rare(), lessor_.at().queues());
      drop_oldest();
    }
  }
  const bool too_old = !queue_.empty() && age() >= age_max;
  shell_->known_rare()->too_old.store(too_old, std::memory_order_relaxed);
  if (queue_.empty() || too_old) {
    watch_->clear(watch::deadline::backlog_age);  // it is looked at again when one has left
  } else {
    const std::chrono::milliseconds left{age_max - age()};
    watch_->set(watch::deadline::backlog_age, lessor_.at().now() + left);
  }
}

void udp_renter::look_at_backlog() noexcept {
  const profile::watermarks& marks = shell_->common().marks;
  if (marks.high == 0) return;
  if (last_in_batch_ != not_in_batch && shell_->reserved() >= marks.high) lessor_.push();
  const std::size_t waiting = shell_->reserved();
  if (!watch_->is_backlog_high() && waiting >= marks.high) {
    watch_->set_backlog_high(true);
    if (shell_->common().options.when_backlog_full == backlog_policy::pause_reading &&
        watch_->hold_back(watch::by_backlog)) {
      shell_->count_paused(lessor_.at().counters());
    }
    call_handler("on_backlog_high", [this](const handlers& of) {
      if (of.on_backlog_high) of.on_backlog_high(*shell_);
    });
  } else if (watch_->is_backlog_high() && waiting <= marks.low) {
    watch_->set_backlog_high(false);
    watch_->let_go(watch::by_backlog);
    call_handler("on_drained", [this](const handlers& of) {
      if (of.on_drained) of.on_drained(*shell_);
    });
  }
}

void udp_renter::watch_is_due() noexcept {
  const auto now = lessor_.at().now();
  lessor_.at().settle_later(*this);
  if (watch_->take_due(watch::deadline::stall, now)) {
    fail({close_cause::write_stalled, std::make_error_code(std::errc::timed_out)});
  }
  if (watch_->take_due(watch::deadline::flush, now)) {
    flush_waiting();
  }
  if (watch_->take_due(watch::deadline::backlog_age, now) && !is_closing()) look_at_age();
  watch_->arm_again();
}

}  // namespace naru::core
