#include "core/shell.hpp"

#include <algorithm>
#include <mutex>
#include <new>

#include "core/group_part.hpp"
#include "core/posted_task.hpp"
#include "core/remote_send.hpp"
#include "core/strand.hpp"
#include "core/worker.hpp"

namespace naru::core {

namespace {

connection_id next_connection_id() noexcept {
  static std::atomic<std::uint64_t> last = 0;
  return connection_id{last.fetch_add(1, std::memory_order_relaxed) + 1};
}

std::error_code no_memory() noexcept {
  return std::make_error_code(std::errc::not_enough_memory);
}

}  // namespace

std::shared_ptr<shell> shell::make(std::shared_ptr<const profile> common, std::shared_ptr<inbox> mail,
                                   role is) noexcept {
  auto* const bell = new (std::nothrow) doorbell;
  if (bell == nullptr) return nullptr;
  try {
    auto made = std::make_shared<shell>(next_connection_id(), is, std::move(common), std::move(mail), *bell);
    bell->belongs_to(made);
    if (made->common().limits_more_than_bytes && made->rare() == nullptr) return nullptr;
    return made;
  } catch (const std::bad_alloc&) {
    bell->release();
    return nullptr;
  }
}

shell::~shell() {
  bell_->release();
  letter* each = take_early();
  while (each != nullptr) static_cast<remote_send*>(std::exchange(each, each->next))->free();
  delete rarities_.load(std::memory_order_relaxed);
}

std::weak_ptr<shell> shell::weak_self() noexcept {
  return std::static_pointer_cast<shell>(shared_from_this());
}

close_reason shell::reason_or(close_reason why) const noexcept {
  switch (ended_by_.load(std::memory_order_acquire)) {
    case ender::nobody:
    case ender::socket:
      break;
    case ender::user:
      why.cause = close_cause::local;
      break;
    case ender::overflow:
      return {close_cause::backlog, make_error_code(errc::backlog_full)};
    case ender::no_memory:
      return {close_cause::memory, core::no_memory()};
    case ender::handler:
      return {close_cause::handler_threw};
    case ender::executor:
      return {close_cause::executor_failed};
  }
  return why;
}

void shell::request_close(std::chrono::milliseconds ignore_for) noexcept {
  if (!begin_end(ender::user)) return;
  ignore_for_ms_.store(std::min(ignore_for, profile::duration_max).count(), std::memory_order_relaxed);
  if (is_at_hand()) {
    worker::current()->take_in_mail();
    socket_->close();
  } else {
    ring(doorbell::close);
  }
}

void shell::request_abort() noexcept {
  begin_end(ender::user);
  if (is_at_hand()) {
    socket_->fail({close_cause::local});
  } else {
    ring(doorbell::abort);
  }
}

void shell::request_confirm() noexcept {
  if (is_at_hand()) {
    socket_->confirm();
  } else {
    ring(doorbell::confirm);
  }
}

void shell::request_receiving(bool wanted) noexcept {
  if (receiving_.exchange(wanted, std::memory_order_acq_rel) == wanted) return;
  if (is_at_hand()) {
    socket_->receiving_changed();
  } else {
    ring(doorbell::receiving);
  }
}

void shell::answer(std::uint8_t requests) noexcept {
  if (socket_ == nullptr) return;
  if ((requests & doorbell::confirm) != 0) socket_->confirm();
  if ((requests & doorbell::receiving) != 0) socket_->receiving_changed();
  if ((requests & doorbell::executor) != 0) socket_->executor_has_room();
  if ((requests & doorbell::close) != 0) socket_->close();
  // reason_or says which of these it was.
  if ((requests & (doorbell::abort | doorbell::overflow | doorbell::no_memory)) != 0) {
    socket_->fail({close_cause::local});
  }
}

result<void> shell::post_task(std::move_only_function<void(connection&)> task) noexcept {
  if (!accepts_sends()) return std::unexpected{make_error_code(errc::closed)};
  auto* const letter = new (std::nothrow) posted_task{weak_self(), std::move(task)};
  if (letter == nullptr) return std::unexpected{no_memory()};
  if (mail_->push(*letter)) return {};
  letter->discard();
  return std::unexpected{make_error_code(errc::closed)};
}

result<void> shell::exchange(std::shared_ptr<const handlers> own) noexcept {
  if (strand* const inside = strand::current(); inside != nullptr && inside->is_of(*this)) {
    inside->exchange_handlers(std::move(own));
    return {};
  }
  if (!is_at_hand()) return std::unexpected{make_error_code(errc::not_in_handler)};
  return socket_->exchange_handlers(std::move(own));
}

void shell::attach_object(attachment object) noexcept {
  {
    const std::scoped_lock hold{lock_};
    if (!attachment_released_) std::swap(attachment_, object);
  }
  // The former object, or the new one that comes too late, is released here, outside the lock.
}

attachment shell::attached_object() const noexcept {
  const std::scoped_lock hold{lock_};
  return attachment_;
}

connection_stats shell::read_stats() const noexcept {
  static const rarities none{nullptr};
  const rarities* const found = known_rare();
  const rarities& wrong = found != nullptr ? *found : none;
  return {.bytes_received = bytes_received.read(),
          .bytes_sent = bytes_sent.read(),
          .messages_received = messages_received.read(),
          .messages_sent = messages_sent.read(),
          .backlog_bytes = reserved(),
          .backlog_bytes_highest = backlog_highest_.load(std::memory_order_relaxed),
          .backlog_messages = backlog_messages.read(),
          .messages_refused = wrong.refused.load(std::memory_order_relaxed),
          .messages_dropped = wrong.dropped.load(std::memory_order_relaxed),
          .messages_replaced = wrong.replaced.load(std::memory_order_relaxed),
          .messages_lost = wrong.lost.load(std::memory_order_relaxed),
          .reading_paused = wrong.paused.load(std::memory_order_relaxed),
          .datagrams_ignored = wrong.ignored.load(std::memory_order_relaxed),
          .errors = wrong.errors.load(std::memory_order_relaxed)};
}

endpoint shell::remote() const noexcept {
  return endpoints_known_.load(std::memory_order_acquire) ? remote_ : endpoint{};
}

endpoint shell::local() const noexcept {
  if (!endpoints_known_.load(std::memory_order_acquire)) return {};
  const std::scoped_lock hold{lock_};
  return local_;
}

void shell::move_to(const endpoint& local_end) noexcept {
  const std::scoped_lock hold{lock_};
  local_ = local_end;
}

rarities* shell::rare() noexcept {
  rarities* found = rarities_.load(std::memory_order_acquire);
  if (found != nullptr) return found;
  const std::shared_ptr<network_totals>& totals = common_->totals;
  auto* const made = new (std::nothrow) rarities{{totals, &totals->memory}};
  if (made == nullptr || rarities_.compare_exchange_strong(found, made, std::memory_order_acq_rel))
    return made;
  delete made;  // another thread was faster
  return found;
}

void shell::count_refused() noexcept {
  common_->totals->messages_refused.fetch_add(1, std::memory_order_relaxed);
  if (rarities* const in = rare()) in->refused.fetch_add(1, std::memory_order_relaxed);
}

void shell::count_dropped(worker_counters& of_worker, std::size_t messages) noexcept {
  of_worker.messages_dropped.add(messages);
  if (rarities* const in = rare()) in->dropped.fetch_add(messages, std::memory_order_relaxed);
}

void shell::count_lost(worker_counters& of_worker, std::size_t messages) noexcept {
  if (messages == 0) return;
  of_worker.messages_lost.add(messages);
  if (rarities* const in = rare()) in->lost.fetch_add(messages, std::memory_order_relaxed);
}

void shell::count_paused(worker_counters& of_worker) noexcept {
  of_worker.reading_paused.add(1);
  if (rarities* const in = rare()) in->paused.fetch_add(1, std::memory_order_relaxed);
}

void shell::set_endpoints(const endpoint& remote_end, const endpoint& local_end) noexcept {
  remote_ = remote_end;
  local_ = local_end;
  endpoints_known_.store(true, std::memory_order_release);
}

void shell::detach() noexcept {
  begin_end(ender::socket);
  socket_ = nullptr;
  ended_ = true;
  group_member::leave_all(*this);
  if (rarities* const in = known_rare()) {
    while (connection_task* const each = in->timers.pop_front()) each->end();
  }
  attachment last;
  const std::scoped_lock hold{lock_};
  attachment_released_ = true;
  std::swap(attachment_, last);
}

}  // namespace naru::core
