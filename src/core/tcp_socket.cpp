#include "core/tcp_socket.hpp"

#include <new>
#include <utility>

#include "base/fetch_lines.hpp"
#include "core/crew.hpp"
#include "core/handler_call.hpp"
#include "core/unmade.hpp"

namespace naru::core {

namespace {

engine::stream_options stream_options_of(const profile& common) noexcept {
  const keep_alive_options& probes = common.options.keep_alive;
  return {.no_delay = common.options.no_delay,
          .kernel_unsent_bytes_max = common.options.kernel_unsent_bytes_max,
          .probes = {.after = probes.after, .interval = probes.interval, .probes_max = probes.probes_max},
          .unacknowledged_max = common.options.unacknowledged_timeout};
}

}  // namespace

tcp_socket::tcp_socket(worker& at, std::shared_ptr<shell> of) noexcept
    : worker_{at},
      shell_{std::move(of)},
      callbacks_{shell_->common().callbacks},
      queue_{at.queues()},
      assembler_{at.queues().budget().is_limited() ? &at.queues().budget() : nullptr},
      phase_timer_{[](void* self) { static_cast<tcp_socket*>(self)->phase_is_over(); }, this} {
  pushes_at_once_ = shell_->common().options.flush == flush_policy::at_once;
  push_at_bytes_ = push_step();
  shell_->set_socket(*this);
  worker_.sockets().push_back(*this);
}

tcp_socket* tcp_socket::make(worker& at, std::shared_ptr<shell> of) noexcept {
  const profile& common = of->common();
  if (common.options.backlog_age_max.count() > 0) at.keep_queue_time();
  std::unique_ptr<tcp_socket, deleter> made{new (std::nothrow) tcp_socket{at, std::move(of)}};
  if (made == nullptr || !watch::is_wanted(common)) return made.release();
  const auto is_due = [](void* self) { static_cast<tcp_socket*>(self)->watch_is_due(); };
  made->watch_ = watch::make(at, made->shell_, is_due, made.get());
  return made->watch_ == nullptr ? nullptr : made.release();
}

void tcp_socket::adopt(worker& at, std::shared_ptr<const profile> common, admitted_place place,
                       engine::raw_socket accepted, const endpoint& remote) noexcept {
  const engine::stream_options options = stream_options_of(*common);
  auto made = shell::make(std::move(common), at.shared_mail());
  tcp_socket* const self = made == nullptr ? nullptr : make(at, std::move(made));
  const auto stream =
      self == nullptr
          ? result<engine::stream*>{std::unexpected{std::make_error_code(std::errc::not_enough_memory)}}
          : at.system().adopt(std::move(accepted), remote, options, *self);
  if (!stream) {
    // No user has seen it: it goes without a word to its handlers.
    at.log().write(log_level::warning,
                   "a connection from " + remote.to_string() + " was lost: " + stream.error().message());
    at.counters().accept_failures.add(1);
    at.load().fetch_sub(1, std::memory_order_relaxed);
    if (self != nullptr) self->shell_->detach();
    delete self;
    return;
  }
  at.counters().accepted.add(1);
  self->stream_ = *stream;
  self->place_ = std::move(place);
  self->open();
}

void tcp_socket::connect(worker& at, const std::shared_ptr<shell>& given, const connect_plan& plan) noexcept {
  const connect_target& target = plan.target;
  tcp_socket* const self = make(at, given);
  if (self == nullptr) {
    end_unmade(at, *given);
    return;
  }
  given->take_in_early_mail();
  if (at.is_stopping()) {
    self->fail({close_cause::network_stopped});
    return;
  }
  if (plan.timeout.count() > 0) at.timers().arm(self->phase_timer_, at.now() + plan.timeout);
  self->dial_.reset(new (std::nothrow) dial{at, *self, stream_options_of(given->common())});
  if (self->dial_ == nullptr) {
    self->connect_failed(std::make_error_code(std::errc::not_enough_memory));
  } else if (target.address.family() != address_family::none) {
    self->resolved(std::vector{target.address});
  } else {
    at.team().look_up(target.name, given);
  }
}

void tcp_socket::resolved(result<std::vector<endpoint>> addresses) noexcept {
  if (phase_ != phase::connecting) return;
  if (!addresses) {
    connect_failed(addresses.error());
  } else if (addresses->empty()) {
    connect_failed(make_error_code(errc::name_not_found));
  } else {
    dial_->start(*addresses);
  }
}

void tcp_socket::connect_failed(std::error_code error) noexcept {
  fail({close_cause::connect_failed, error});
}

void tcp_socket::connected(engine::stream& won) noexcept {
  worker_.assert_here();
  phase_timer_.cancel();
  dial_.reset();
  stream_ = &won;
  stream_->set_events(*this);
  worker_.counters().connected.add(1);
  open();
}

void tcp_socket::on_connected(std::error_code) {
  NARU_ASSERT(false, "a stream comes to its socket connected: attempts are told");
}

void tcp_socket::open() noexcept {
  phase_ = phase::open;
  shell_->set_endpoints(stream_->remote_endpoint(), stream_->local_endpoint());
  if (worker_.is_stopping()) begin_close({close_cause::network_stopped});
  if (!closing_) {
    call_handler("on_connected", [this](const handlers& of) {
      if (of.on_connected) of.on_connected(*shell_);
    });
  }
  if (phase_ == phase::open && !closing_ && may_read()) stream_->resume_receiving();
  if (const auto idle = shell_->common().options.idle_timeout; idle.count() > 0 && !closing_) {
    watch_->set(watch::deadline::idle, worker_.now() + idle);
  }
  settle();
}

void tcp_socket::run_task(handler_kind which, std::move_only_function<void(connection&)>& task) noexcept {
  if (phase_ == phase::ending) return;  // nothing but on_closed comes after an abort
  if (elsewhere() != nullptr) {
    call_handler(which, [this, task = std::move(task)](const handlers&) mutable { task(*shell_); });
  } else {
    call_here(which, [&](const handlers&) { task(*shell_); });
  }
  settle();
}

result<void> tcp_socket::exchange_handlers(std::shared_ptr<const handlers> own) noexcept {
  if (!in_handler_) return std::unexpected{make_error_code(errc::not_in_handler)};
  // The one that runs now must not be destroyed under its own feet.
  worker_.retire_handlers(std::exchange(callbacks_, std::move(own)));
  return {};
}

void tcp_socket::fetch_ahead() const noexcept {
  base::fetch_lines(shell_.get(), 3);
  base::fetch_lines(stream_, 2);
  base::fetch_lines(queue_.front(), 2);
}

void tcp_socket::settle() noexcept {
  worker_.assert_here();
  worker::unsettled_list::remove(*this);
  if (phase_ == phase::ending) {
    if (stream_ == nullptr) finish();
    return;
  }
  if (phase_ == phase::connecting) {
    // A close while connecting waits for the connection only when there is something to send over it.
    if (closing_ && queue_.empty()) fail({close_cause::local});
    return;
  }
  if (resume_wanted_) go_on_receiving();
  if (watch_ != nullptr) [[unlikely]] {
    if (!waits_for_tick()) flush();
    watch_queue();
    if (phase_ == phase::ending) return;
  } else {
    flush();
  }
  shell_->backlog_messages.set(queue_.messages());
  if (closing_) advance_close();
}

void tcp_socket::close() noexcept {
  begin_close({close_cause::local});
}

void tcp_socket::begin_close(close_reason why) noexcept {
  if (closing_ || phase_ == phase::ending) return;
  shell_->begin_end(shell::ender::socket);
  note_reason(why);
  closing_ = true;
  if (watch_ != nullptr) {
    watch_->clear(watch::deadline::idle);
    watch_->clear(watch::deadline::message);
  }
  worker_.settle_later(*this);
}

void tcp_socket::advance_close() noexcept {
  if (phase_ == phase::open) {
    phase_ = phase::flushing;
    assembler_.end();
    // Also when receiving was paused: a peer that waits for us to read may never read what we have queued.
    if (!receive_ended_) stream_->resume_receiving();
    arm_linger();
  }
  if (phase_ == phase::flushing && queue_.empty() && !send_pending_) {
    stream_->shutdown_send();
    if (receive_ended_) {
      end(engine::close_mode::orderly);
      return;
    }
    // A plain close now would make the system answer unread input with a reset, and the peer would lose what
    // is still on its way to it (RFC 1122, 4.2.2.13). So its end is awaited.
    phase_ = phase::draining;
    arm_linger();
  }
}

void tcp_socket::arm_linger() noexcept {
  worker_.timers().arm(phase_timer_, worker_.now() + shell_->common().options.linger_timeout);
}

void tcp_socket::phase_is_over() noexcept {
  const auto timed_out = std::make_error_code(std::errc::timed_out);
  if (phase_ == phase::connecting) {
    connect_failed(timed_out);
  } else if (phase_ == phase::draining) {
    end(engine::close_mode::orderly);
  } else {
    fail({cause_, timed_out});
  }
}

void tcp_socket::stop(close_cause why) noexcept {
  if (phase_ == phase::connecting) {
    fail({why});
  } else {
    begin_close({why});
  }
}

void tcp_socket::stop_now(close_cause why) noexcept {
  if (strand* const there = elsewhere()) there->drop_messages();
  if (phase_ == phase::draining) {
    end(engine::close_mode::orderly);
  } else {
    fail({why, std::make_error_code(std::errc::timed_out)});
  }
}

void tcp_socket::note_reason(close_reason why) noexcept {
  if (!has_reason_) {
    has_reason_ = true;
    const close_reason stands = shell_->reason_or(why);
    cause_ = stands.cause;
    end_error_ = stands.error;
  } else if (why.error && !end_error_ && !queue_.empty()) {
    end_error_ = why.error;  // what was queued is lost, for this reason
  }
}

close_cause tcp_socket::cause_of(std::error_code error) noexcept {
  const bool broken = error == std::errc::connection_reset || error == std::errc::broken_pipe ||
                      error == std::errc::connection_aborted;
  return broken ? close_cause::reset : close_cause::io;
}

void tcp_socket::log(log_level level, const std::string& what) const noexcept {
  log_about(worker_.log(), level, *shell_, what);
}

void tcp_socket::fail(close_reason why) noexcept {
  worker_.assert_here();
  if (phase_ == phase::ending) return;
  if (strand* const there = elsewhere(); there != nullptr && why.cause == close_cause::memory) {
    there->drop_messages();
  }
  shell_->begin_end(shell::ender::socket);
  note_reason(why);
  end(engine::close_mode::reset);
}

void tcp_socket::end(engine::close_mode mode) noexcept {
  phase_ = phase::ending;
  phase_timer_.cancel();
  dial_.reset();
  if (watch_ != nullptr) watch_->stop();
  lose_queue();
  if (stream_ != nullptr) {
    stream_->close(mode);
  } else {
    worker_.settle_later(*this);  // on_closed does not come from inside a user's call
  }
}

void tcp_socket::lose_queue() noexcept {
  // What the engine holds has to stay until it says that it does not any more.
  send_queue::sum lost;
  if (send_pending_ && keeps_buffers_) {
    while (const std::size_t dropped = queue_.drop_oldest()) {
      lost.bytes += dropped;
      ++lost.messages;
    }
  } else {
    lost = queue_.clear();
  }
  shell_->release(lost.bytes, lost.messages);
  shell_->count_lost(worker_.counters(), lost.messages);
}

void tcp_socket::on_closed() {
  stream_ = nullptr;
  finish();
}

void tcp_socket::finish() noexcept {
  send_pending_ = false;
  lose_queue();
  shell_->backlog_messages.set(0);
  assembler_.end();
  if (strand* const there = elsewhere()) {
    there->close({cause_, end_error_});
  } else {
    tell_closed();
  }
}

void tcp_socket::executor_done() noexcept {
  worker_.assert_here();
  strand& there = *elsewhere();
  callbacks_ = there.callbacks();
  if (there.has_failed()) {
    tell_closed();
  } else {
    leave();
  }
}

void tcp_socket::tell_closed() noexcept {
  call_here("on_closed", [this](const handlers& of) {
    if (of.on_closed) of.on_closed(*shell_, {cause_, end_error_});
  });
  leave();
}

void tcp_socket::leave() noexcept {
  shell_->detach();
  worker_.counters().closed[static_cast<std::size_t>(cause_)].add(1);
  place_.give_up();  // before `load`, by which users see that it has gone
  worker_.load().fetch_sub(1, std::memory_order_relaxed);
  delete this;
}

}  // namespace naru::core
