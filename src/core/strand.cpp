#include "core/strand.hpp"

#include <algorithm>
#include <vector>

#include "core/crew.hpp"
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
    if (of_ != nullptr) thrown_away(std::move(of_));
  }
  void operator()() noexcept {
    if (of_ != nullptr) run(std::move(of_));
  }

 private:
  std::shared_ptr<strand> of_;
};

std::shared_ptr<strand> strand::make(worker& at, std::shared_ptr<shell> of) noexcept {
  try {
    return std::make_shared<strand>(at, std::move(of));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

strand::strand(worker& at, std::shared_ptr<shell> of)
    : shell_{std::move(of)}, worker_{at}, callbacks_{shell_->common().callbacks} {
  worker_.team().know(*this);
  is_known_ = true;
}

strand::~strand() {
  if (is_known_) worker_.team().forget(*this);
}

bool strand::is_of(const crew& which) const noexcept {
  return &worker_.team() == &which;
}

bool strand::post_message(bytes_view message) noexcept {
  base::memory_budget& budget = shell_->common().totals->memory;
  static_assert(sizeof(waiting) + 64 <= message_overhead_bytes);
  const std::size_t counted = message.size() + message_overhead_bytes;
  if (!budget.try_take(counted)) return false;
  try {
    auto to_handler = [of = shell_.get(), bytes = std::vector<std::byte>(message.begin(), message.end())](
                          const handlers& called) {
      if (called.on_received) called.on_received(*of, bytes);
    };
    if (put({.which = "on_received",
             .about = kind::message,
             .counted_bytes = counted,
             .message_bytes = message.size(),
             .what = call{std::move(to_handler)}})) {
      return true;
    }
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): said below
  }
  budget.give_back(counted);
  return false;
}

bool strand::fits(std::size_t message_bytes) const noexcept {
  if (messages_ == 0) return true;
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
  // There is a message before one that does not fit, so that somebody comes by here later.
  reader_waits_ = !fits(message_bytes);
  return !reader_waits_;
}

bool strand::put(waiting one) noexcept {
  {
    const base::mutex_lock hold{mutex_};
    const std::size_t message_bytes = one.message_bytes;
    const bool is_message = one.about == kind::message;
    if (has_failed_) {
      if (is_message) shell_->common().totals->memory.give_back(one.counted_bytes);
      return true;
    }
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
  ticket task{shared_from_this()};
  // If that throws, the ticket is destroyed, and says so itself.
  static_cast<void>(guarded_call(worker_, *shell_, "executor", [&] { run_on(std::move(task)); }));
}

void strand::resume() noexcept {
  {
    const base::mutex_lock hold{mutex_};
    if (calls_.empty() || has_failed_ || std::exchange(is_out_, true)) return;
  }
  submit();
}

void strand::drop_messages() noexcept {
  std::list<waiting> unrun;
  const base::mutex_lock hold{mutex_};
  drops_messages_ = true;
  for (auto each = calls_.begin(); each != calls_.end();) {
    const auto one = each++;
    if (one->about != kind::message) continue;
    uncount(*one);
    unrun.splice(unrun.end(), calls_, one);
  }
}

std::size_t strand::memory_bytes() const noexcept {
  const base::mutex_lock hold{mutex_};
  return message_bytes_ + messages_ * message_overhead_bytes;
}

void strand::run(std::shared_ptr<strand> self) noexcept {
  strand* const outer = std::exchange(current_, self.get());
  bool is_over = false;
  for (unsigned left = calls_a_task; !is_over; --left) {
    // What a call was made of goes before anybody hears that it is over.
    std::list<waiting> next;
    std::list<waiting> unrun;
    const found what = self->take_next(next, unrun, left > 0);
    is_over = what == found::nothing_and_it_is_over;
    if (what != found::a_call) break;
    is_over = next.front().about == kind::closed;
    self->make(next.front());
  }
  current_ = outer;
  if (is_over) tell_done(std::move(self));
}

strand::found strand::take_next(std::list<waiting>& next, std::list<waiting>& unrun,
                                bool may_go_on) noexcept {
  found what = found::a_call;
  bool rings = false;
  {
    const base::mutex_lock hold{mutex_};
    if (!may_go_on || !take_out(next, unrun)) {
      is_out_ = false;
      what = std::exchange(tells_when_back_, false) ? found::nothing_and_it_is_over : found::nothing;
    }
    rings = reader_may_go_on() || (!may_go_on && !calls_.empty());
  }
  // The worker reads again, or gives the executor another task: here that could run inside this one.
  if (rings) shell_->ring(doorbell::executor);
  return what;
}

bool strand::take_out(std::list<waiting>& next, std::list<waiting>& unrun) noexcept {
  const bool receives = shell_->receives();
  const bool wants_input =
      shell_->is_listened_to() && !drops_messages_ && (receives || shell_->accepts_sends());
  for (auto each = calls_.begin(); each != calls_.end();) {
    const auto one = each++;
    const bool is_input = one->about == kind::message || one->about == kind::peer_ended;
    if (is_input && wants_input && !receives) continue;
    uncount(*one);
    const bool is_called = !is_input || wants_input;
    std::list<waiting>& to = is_called ? next : unrun;
    to.splice(to.end(), calls_, one);
    if (is_called) return true;
  }
  return false;
}

bool strand::reader_may_go_on() noexcept {
  const connection_options& options = shell_->common().options;
  const bool has_room = message_bytes_ <= options.backlog_bytes_max / 4 &&
                        (options.backlog_messages_max == 0 || messages_ <= options.backlog_messages_max / 2);
  return has_room && std::exchange(reader_waits_, false);
}

void strand::uncount(const waiting& one) noexcept {
  if (one.about != kind::message) return;
  message_bytes_ -= one.message_bytes;
  --messages_;
  shell_->common().totals->memory.give_back(one.counted_bytes);
}

void strand::make(waiting& one) noexcept {
  const auto called = callbacks();
  running_.store(one.which.index(), std::memory_order_relaxed);
  bool returned = true;
  try {
    one.what(*called);
  } catch (...) {
    log_caught(worker_.log(), *shell_, one.which);
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
  // Whoever runs has a share of the former ones, so that they are not destroyed under its feet, nor here.
  std::swap(callbacks_, own);
}

bool strand::has_failed() const noexcept {
  const base::mutex_lock hold{mutex_};
  return has_failed_;
}

void strand::close(close_reason why) noexcept {
  if (std::exchange(closes_, true)) return;
  const auto last = [of = shell_.get(), why](const handlers& called) {
    if (called.on_closed) called.on_closed(*of, why);
  };
  // Without memory for it the worker calls it, when nothing runs here any more.
  if (has_failed() || !post("on_closed", last, kind::closed)) fail_and_tell();
}

std::list<strand::waiting> strand::take_all() noexcept {
  for (const waiting& each : calls_) uncount(each);
  return std::exchange(calls_, {});
}

void strand::fail_and_tell() noexcept {
  std::list<waiting> unrun;
  {
    const base::mutex_lock hold{mutex_};
    has_failed_ = true;
    unrun = take_all();
    // Whoever runs now tells when that is over.
    if (is_out_) {
      tells_when_back_ = true;
      return;
    }
  }
  tell_done(shared_from_this());
}

void strand::thrown_away(std::shared_ptr<strand> self) noexcept {
  if (self->note_failure()) {
    tell_done(std::move(self));
  } else {
    self->shell_->end_from_afar(shell::ender::executor);
  }
}

bool strand::note_failure() noexcept {
  std::list<waiting> unrun;
  const base::mutex_lock hold{mutex_};
  has_failed_ = true;
  is_out_ = false;
  unrun = take_all();
  return tells_when_back_ ||
         std::ranges::any_of(unrun, [](const waiting& each) { return each.about == kind::closed; });
}

void strand::tell_done(std::shared_ptr<strand> self) noexcept {
  strand& it = *self;
  it.is_known_ = false;
  it.worker_.team().forget(it);
  // From here on the worker may end, and its crew. The letter's share is the last one, or the socket's.
  const std::shared_ptr<inbox> mail = it.shell_->shared_mail();
  done_letter& letter = it.done_;
  letter.of = std::move(self);
  if (!mail->push(letter)) letter.discard();
}

void strand::done_letter::deliver(worker&) noexcept {
  const auto last = std::move(of);
  if (socket* const waits = last->shell_->behind()) waits->executor_done();
}

std::string strand::describe() const {
  const std::string who = "connection " + std::to_string(static_cast<std::uint64_t>(shell_->number())) + ": ";
  const std::uint8_t running = running_.load(std::memory_order_relaxed);
  if (running != 0) return who + std::string{handler_kind::name_of(running)} + " on its executor";
  const base::mutex_lock hold{mutex_};
  return is_out_ ? who + "a task that its executor has not run" : std::string{};
}

}  // namespace naru::core
