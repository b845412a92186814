#include <chrono>
#include <string>

#include "core/tcp_socket.hpp"

namespace naru::core {

namespace {

using milliseconds = std::chrono::milliseconds;

/// How often it is looked whether what waits behind a message that is on its way has become too old as well.
constexpr milliseconds age_looks{50};

}  // namespace

void tcp_socket::received_watched(bytes_view bytes) noexcept {
  const connection_options& options = shell_->common().options;
  const std::uint64_t delivered = shell_->messages_received.read();
  if (options.idle_timeout.count() > 0) {
    watch_->set(watch::deadline::idle, worker_.now() + options.idle_timeout);
  }
  look_at(assembler_.feed(shell_->common().rules, bytes,
                          [this](bytes_view message) noexcept { return deliver_watched(message); }));
  if (phase_ == phase::open) time_message(shell_->messages_received.read() != delivered);
}

void tcp_socket::time_message(bool another) noexcept {
  const milliseconds timeout = shell_->common().options.message_timeout;
  if (timeout.count() == 0) return;
  if (!assembler_.is_mid_message()) {
    watch_->clear(watch::deadline::message);
  } else if (another || !watch_->is_set(watch::deadline::message)) {
    watch_->set(watch::deadline::message, worker_.now() + timeout);
  }
}

void tcp_socket::time_anew() noexcept {
  // Meanwhile the peer could not have been heard.
  const milliseconds idle = shell_->common().options.idle_timeout;
  if (idle.count() > 0) watch_->set(watch::deadline::idle, worker_.now() + idle);
  time_message(true);
}

protocol::after_message tcp_socket::deliver_watched(bytes_view message) noexcept {
  if (receive_allowance* const allowance = watch_->allowance()) {
    const auto now = worker_.now();
    if (shell_->common().options.budget.past == budget_policy::close) {
      if (!allowance->allows(message.size(), now)) {
        log(log_level::warning, "the peer sends more than its receive_budget");
        fail({close_cause::rate});
        return protocol::after_message::close;
      }
      allowance->take(message.size(), now);
    } else if (!allowance->take(message.size(), now)) {
      watch_->set(watch::deadline::allowance, now + allowance->wait());
      hold_back(watch::by_allowance);
    }
  }
  strand* const there = elsewhere();
  const protocol::after_message wish =
      there == nullptr ? deliver(message) : deliver_elsewhere(*there, message);
  if (wish == protocol::after_message::close) return wish;
  look_at_backlog();
  if (!shell_->accepts_sends()) return protocol::after_message::close;
  return may_read() ? protocol::after_message::go_on : protocol::after_message::pause;
}

protocol::after_message tcp_socket::deliver_elsewhere(strand& there, bytes_view message) noexcept {
  shell_->messages_received.add(1);
  worker_.counters().messages_received.add(1);
  if (!there.post_message(message)) {
    lack_memory();
    return protocol::after_message::close;
  }
  // Before the next one comes, so that what waits never passes the limits.
  if (!there.has_room_or_tells(shell_->common().rules.max_body_bytes)) hold_back(watch::by_executor);
  return protocol::after_message::go_on;
}

void tcp_socket::executor_has_room() noexcept {
  let_go(watch::by_executor);
  elsewhere()->resume();
}

void tcp_socket::hold_back(watch::hold why) noexcept {
  if (!watch_->hold_back(why)) return;
  shell_->count_paused(worker_.counters());
  resume_wanted_ = false;
  if (phase_ == phase::open && !closing_) stream_->pause_receiving();
}

void tcp_socket::let_go(watch::hold why) noexcept {
  if (!watch_->let_go(why)) return;
  resume_wanted_ = true;
  worker_.settle_later(*this);
}

void tcp_socket::look_at_backlog() noexcept {
  const profile::watermarks& marks = shell_->common().marks;
  if (marks.high == 0 || closing_ || phase_ != phase::open) return;
  if (!watch_->is_backlog_high() && shell_->reserved() >= marks.high) push();
  if (phase_ != phase::open) return;
  const std::size_t waiting = shell_->reserved();
  if (!watch_->is_backlog_high() && waiting >= marks.high) {
    watch_->set_backlog_high(true);
    if (shell_->common().options.when_backlog_full == backlog_policy::pause_reading) {
      hold_back(watch::by_backlog);
    }
    call_handler("on_backlog_high", [this](const handlers& of) {
      if (of.on_backlog_high) of.on_backlog_high(*shell_);
    });
  } else if (watch_->is_backlog_high() && waiting <= marks.low) {
    watch_->set_backlog_high(false);
    let_go(watch::by_backlog);
    call_handler("on_drained", [this](const handlers& of) {
      if (of.on_drained) of.on_drained(*shell_);
    });
  }
}

bool tcp_socket::waits_for_tick() noexcept {
  const connection_options& options = shell_->common().options;
  if (options.flush != flush_policy::tick || closing_ || phase_ != phase::open) return false;
  if (goes_on_sending_) return false;  // it has begun to leave
  if (!queue_.empty() && !watch_->is_set(watch::deadline::flush)) {
    watch_->set(watch::deadline::flush, watch::next_tick(worker_.now(), options.flush_interval));
  }
  return true;
}

void tcp_socket::watch_queue() noexcept {
  if (!still_sends()) return;
  const connection_options& options = shell_->common().options;
  if (queue_.empty()) {
    watch_->clear(watch::deadline::stall);
  } else if (options.write_stall_timeout.count() > 0 && !watch_->is_set(watch::deadline::stall)) {
    watch_->set(watch::deadline::stall, worker_.now() + options.write_stall_timeout);
  }
  if (options.backlog_age_max.count() > 0) look_at_age();
  look_at_backlog();
}

void tcp_socket::look_at_age() noexcept {
  const connection_options& options = shell_->common().options;
  const auto age_max = static_cast<std::uint32_t>(options.backlog_age_max.count());
  std::atomic<bool>& too_old = shell_->known_rare()->too_old;
  if (options.when_backlog_full == backlog_policy::drop_oldest) {
    while (const std::size_t dropped = queue_.drop_oldest(age_max)) count_dropped(dropped);
  }
  const auto oldest = queue_.oldest_ms();
  const std::uint32_t age = oldest ? worker_.queues().now_ms() - *oldest : 0;
  too_old.store(oldest && age >= age_max, std::memory_order_relaxed);
  if (!oldest) {
    watch_->clear(watch::deadline::backlog_age);
  } else if (age < age_max) {
    watch_->set(watch::deadline::backlog_age, worker_.now() + milliseconds{age_max - age});
  } else if (options.when_backlog_full == backlog_policy::close) {
    fail({close_cause::backlog, std::make_error_code(std::errc::timed_out)});
  } else {
    watch_->set(watch::deadline::backlog_age, worker_.now() + age_looks);
  }
}

void tcp_socket::watch_is_due() noexcept {
  const auto now = worker_.now();
  const connection_options& options = shell_->common().options;
  const auto timed_out = std::make_error_code(std::errc::timed_out);
  if (watch_->take_due(watch::deadline::idle, now)) {
    // Whoever is not listened to cannot be heard.
    if (may_read() && !receive_ended_) {
      begin_close({close_cause::idle});
    } else {
      watch_->set(watch::deadline::idle, now + options.idle_timeout);
    }
  }
  if (watch_->take_due(watch::deadline::message, now)) {
    if (may_read()) {
      fail({close_cause::message_timeout, timed_out});
    } else {
      watch_->set(watch::deadline::message, now + options.message_timeout);
    }
  }
  if (watch_->take_due(watch::deadline::stall, now)) fail({close_cause::write_stalled, timed_out});
  if (watch_->take_due(watch::deadline::allowance, now)) let_go(watch::by_allowance);
  if (watch_->take_due(watch::deadline::flush, now)) flush();
  if (watch_->take_due(watch::deadline::backlog_age, now) && still_sends()) look_at_age();
  if (phase_ != phase::ending) watch_->arm_again();
  settle();
}

}  // namespace naru::core
