#include "core/strand.hpp"

#include <exception>
#include <new>
#include <string>

#include "base/assert.hpp"
#include "core/handler_call.hpp"
#include "core/inbox.hpp"
#include "core/shell.hpp"
#include "core/socket.hpp"

namespace naru::core {

class strand::ticket {
 public:
  explicit ticket(std::shared_ptr<strand> of) noexcept : of_{std::move(of)} {}
  ticket(ticket&& other) noexcept = default;
  ticket(const ticket&) = delete;
  ticket& operator=(const ticket&) = delete;
  ticket& operator=(ticket&&) = delete;
  ~ticket() {
    if (of_ != nullptr) of_->thrown_away();
  }
  void operator()() noexcept {
    if (const auto once = std::move(of_)) once->run();
  }

 private:
  std::shared_ptr<strand> of_;
};

strand::strand(std::shared_ptr<shell> of, crew& team, const logger& log) noexcept
    : shell_{std::move(of)}, team_{team}, log_{log}, callbacks_{shell_->common().callbacks} {}

bool strand::post(handler_kind which, call what, kind about) noexcept {
  return put({.which = which, .about = about, .what = std::move(what)});
}

bool strand::post_message(bytes_view message) noexcept {
  base::memory_budget& budget = shell_->common().totals->memory;
  const std::size_t counted = message.size() + sizeof(waiting) + 64;
  if (!budget.try_take(counted)) return false;
  try {
    waiting one{.which = "on_received",
                .about = kind::message,
                .counted_bytes = counted,
                .message_bytes = message.size(),
                .what = [this, bytes = std::vector<std::byte>(message.begin(), message.end())](
                            const handlers& of) {
                  if (of.on_received) of.on_received(*shell_, bytes);
                }};
    if (put(std::move(one))) return true;
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): said below
  }
  budget.give_back(counted);
  return false;
}

bool strand::fits(std::size_t message_bytes) const noexcept {
  const connection_options& options = shell_->common().options;
  if (options.backlog_messages_max != 0 && messages_ >= options.backlog_messages_max) return false;
  return message_bytes <= options.backlog_bytes_max &&
         message_bytes_ <= options.backlog_bytes_max - message_bytes;
}

bool strand::has_room_for(std::size_t message_bytes) const noexcept {
  const base::mutex_lock hold{mutex_};
  return fits(message_bytes);
}

bool strand::has_room_or_tells(std::size_t message_bytes) noexcept {
  const base::mutex_lock hold{mutex_};
  // What does not fit now has something before it, so that somebody comes by here later.
  reader_waits_ = !fits(message_bytes);
  return !reader_waits_;
}

bool strand::reader_may_go_on() const noexcept {
  const connection_options& options = shell_->common().options;
  return message_bytes_ <= options.backlog_bytes_max / 4 &&
         (options.backlog_messages_max == 0 || messages_ <= options.backlog_messages_max / 2);
}

bool strand::put(waiting one) noexcept {
  {
    const base::mutex_lock hold{mutex_};
    if (has_failed_) {
      forget(one);
      return true;
    }
    const std::size_t message_bytes = one.message_bytes;
    const bool is_message = one.about == kind::message;
    try {
      calls_.push_back(std::move(one));
    } catch (const std::bad_alloc&) {
      return false;
    }
    message_bytes_ += message_bytes;
    if (is_message) ++messages_;
    if (std::exchange(is_out_, true)) return true;
  }
  submit();
  return true;
}

void strand::submit() noexcept {
  const executor& run_on = *shell_->common().options.handlers_on;
  try {
    run_on(ticket{shared_from_this()});
  } catch (...) {
    // The ticket has gone with it, and said so.
    log_about(log_, log_level::error, *shell_, "the executor threw when it was given a handler's task");
  }
}

void strand::resume() noexcept {
  {
    const base::mutex_lock hold{mutex_};
    if (calls_.empty() || has_failed_ || std::exchange(is_out_, true)) return;
  }
  submit();
}

void strand::run() noexcept {
  const auto self = shared_from_this();
  strand* const outer = std::exchange(current_, this);
  waiting next;
  bool was_last = false;
  while (!was_last && take_next(next)) {
    was_last = next.about == kind::closed;
    make(next);
    // What it was made of goes before anybody is told that it is over.
    next.what = nullptr;
  }
  current_ = outer;
  if (was_last || tells_after_running()) tell_done();
}

bool strand::tells_after_running() noexcept {
  const base::mutex_lock hold{mutex_};
  return std::exchange(tells_when_back_, false);
}

bool strand::take_next(waiting& next) noexcept {
  bool reader_goes_on = false;
  bool found = false;
  {
    const base::mutex_lock hold{mutex_};
    const bool wants_messages = shell_->accepts_sends();
    const bool may_deliver = shell_->receives() || !wants_messages;
    for (auto each = calls_.begin(); each != calls_.end() && !found;) {
      if (each->about == kind::message && !wants_messages) {
        forget(*each);
        each = calls_.erase(each);
      } else if (!may_deliver && (each->about == kind::message || each->about == kind::peer_ended)) {
        ++each;
      } else {
        next = std::move(*each);
        forget(next);
        calls_.erase(each);
        found = true;
      }
    }
    if (!found) is_out_ = false;
    reader_goes_on = reader_waits_ && reader_may_go_on();
    if (reader_goes_on) reader_waits_ = false;
  }
  if (reader_goes_on) shell_->ring(doorbell::executor);
  return found;
}

void strand::forget(const waiting& one) noexcept {
  message_bytes_ -= one.message_bytes;
  if (one.about == kind::message) --messages_;
  if (one.counted_bytes != 0) shell_->common().totals->memory.give_back(one.counted_bytes);
}

void strand::make(waiting& one) noexcept {
  const auto handlers_now = callbacks();
  running_.store(one.which.index(), std::memory_order_relaxed);
  bool returned = true;
  try {
    one.what(*handlers_now);
  } catch (...) {
    log_caught(log_, *shell_, one.which);
    returned = false;
  }
  running_.store(0, std::memory_order_relaxed);
  if (!returned && one.about != kind::closed) shell_->end_from_afar(shell::ender::handler);
}

std::shared_ptr<const handlers> strand::callbacks() const noexcept {
  const base::mutex_lock hold{mutex_};
  return callbacks_;
}

void strand::exchange_handlers(std::shared_ptr<const handlers> own) noexcept {
  const base::mutex_lock hold{mutex_};
  std::swap(callbacks_, own);  // the former ones go when the handler that runs has returned
}

bool strand::has_failed() const noexcept {
  const base::mutex_lock hold{mutex_};
  return has_failed_;
}

void strand::close(close_reason why) noexcept {
  const auto last = [this, why](const handlers& of) {
    if (of.on_closed) of.on_closed(*shell_, why);
  };
  // Without memory for it the worker calls it, when nothing runs here any more.
  const bool posted = !has_failed() && post("on_closed", last, kind::closed);
  if (!posted) fail_and_tell();
}

void strand::fail_and_tell() noexcept {
  {
    const base::mutex_lock hold{mutex_};
    has_failed_ = true;
    for (const waiting& each : calls_) forget(each);
    calls_.clear();
    // Whoever runs now tells when that is over.
    if (is_out_) {
      tells_when_back_ = true;
      return;
    }
  }
  tell_done();
}

void strand::thrown_away() noexcept {
  bool tells = false;
  {
    const base::mutex_lock hold{mutex_};
    has_failed_ = true;
    is_out_ = false;
    tells = tells_when_back_;
    for (const waiting& each : calls_) {
      tells |= each.about == kind::closed;
      forget(each);
    }
    calls_.clear();
  }
  if (tells) {
    tell_done();
  } else {
    shell_->end_from_afar(shell::ender::executor);
  }
}

void strand::tell_done() noexcept {
  done_.of = shared_from_this();
  if (!shell_->shared_mail()->push(done_)) done_.discard();
}

void strand::done_letter::deliver(worker&) noexcept {
  const auto last = std::move(of);
  if (socket* const waits = last->shell_->behind()) waits->executor_done();
}

}  // namespace naru::core
