#include "core/shell.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>

#include "core/posted_task.hpp"
#include "core/remote_send.hpp"
#include "core/worker.hpp"
#include "protocol/wrap.hpp"

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
    return made;
  } catch (const std::bad_alloc&) {
    bell->release();
    return nullptr;
  }
}

shell::~shell() {
  bell_->release();
  delete mishaps_.load(std::memory_order_relaxed);
  while (early_first_ != nullptr) {
    letter* const each = std::exchange(early_first_, early_first_->next);
    static_cast<remote_send*>(each)->free();
  }
}

std::weak_ptr<shell> shell::weak_self() noexcept {
  return std::static_pointer_cast<shell>(shared_from_this());
}

bool shell::is_at_hand() const noexcept {
  const worker* const here = worker::current();
  return here != nullptr && &here->mail() == mail_.get() && socket_ != nullptr;
}

result<void> shell::send_message(outgoing& message) noexcept {
  if (!accepts_sends()) return std::unexpected{make_error_code(errc::closed)};
  if (!is_at_hand()) return send_from_afar(message);
  // What another thread sent before it told this one is in the inbox, and goes first.
  worker::current()->take_in_mail();
  return socket_->send(message);
}

result<void> shell::send_from_afar(outgoing& message) noexcept {
  const auto around = protocol::wrap(common_->rules, message.pieces(), message.body_bytes());
  if (!around) return std::unexpected{around.error()};
  const std::size_t wire_bytes = around->head_bytes + message.body_bytes() + around->tail_bytes;
  if (wire_bytes == 0 && !common_->is_udp()) return {};  // nothing in a raw stream
  if (!reserve_from_afar(common_->charge(wire_bytes))) {
    return give_up(ender::overflow, doorbell::overflow, make_error_code(errc::backlog_full));
  }
  remote_send* const letter = remote_send::make(weak_self(), message, *around);
  if (letter == nullptr) {
    release(common_->charge(wire_bytes));
    return give_up(ender::no_memory, doorbell::no_memory, no_memory());
  }
  if (mail_->push(*letter)) return {};
  letter->discard();
  return std::unexpected{make_error_code(errc::closed)};
}

result<void> shell::give_up(ender why, doorbell::request tell, std::error_code error) noexcept {
  if (common_->is_udp()) {
    // A gap between datagrams is nothing that a peer would not expect.
    if (why == ender::overflow) count_refused();
    return std::unexpected{error};
  }
  // Closed before the worker hears of it: whatever is sent after a message that was refused must not pass.
  if (begin_end(why)) bell_->ring(*mail_, tell);
  return std::unexpected{error};
}

bool shell::reserve_from_afar(std::size_t bytes) noexcept {
  std::size_t limit = common_->options.backlog_bytes_max;
  // The worker will make room by dropping what is oldest, which is not to be done here. What is on the way to
  // it may fill the backlog once more.
  if (common_->options.when_backlog_full == backlog_policy::drop_oldest) limit *= 2;
  return try_reserve(bytes, limit);
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
    bell_->ring(*mail_, doorbell::close);
  }
}

void shell::request_abort() noexcept {
  begin_end(ender::user);
  if (is_at_hand()) {
    socket_->fail({close_cause::local});
  } else {
    bell_->ring(*mail_, doorbell::abort);
  }
}

void shell::request_confirm() noexcept {
  if (is_at_hand()) {
    socket_->confirm();
  } else {
    bell_->ring(*mail_, doorbell::confirm);
  }
}

void shell::request_receiving(bool wanted) noexcept {
  if (receiving_.exchange(wanted, std::memory_order_acq_rel) == wanted) return;
  if (is_at_hand()) {
    socket_->receiving_changed();
  } else {
    bell_->ring(*mail_, doorbell::receiving);
  }
}

void shell::answer(std::uint8_t requests) noexcept {
  if (socket_ == nullptr) return;
  if ((requests & doorbell::confirm) != 0) socket_->confirm();
  if ((requests & doorbell::receiving) != 0) socket_->receiving_changed();
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
  static const mishaps none;
  const mishaps* const found = mishaps_.load(std::memory_order_acquire);
  const mishaps& wrong = found != nullptr ? *found : none;
  return {.bytes_received = bytes_received.read(),
          .bytes_sent = bytes_sent.read(),
          .messages_received = messages_received.read(),
          .messages_sent = messages_sent.read(),
          .backlog_bytes = reserved(),
          .backlog_bytes_highest = backlog_highest_.load(std::memory_order_relaxed),
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

mishaps* shell::trouble() noexcept {
  mishaps* found = mishaps_.load(std::memory_order_acquire);
  if (found != nullptr) return found;
  auto* const made = new (std::nothrow) mishaps;
  if (made == nullptr || mishaps_.compare_exchange_strong(found, made, std::memory_order_acq_rel))
    return made;
  delete made;  // another thread was faster
  return found;
}

void shell::count_refused() noexcept {
  if (mishaps* const wrong = trouble()) wrong->refused.fetch_add(1, std::memory_order_relaxed);
}

void shell::set_endpoints(const endpoint& remote_end, const endpoint& local_end) noexcept {
  remote_ = remote_end;
  local_ = local_end;
  endpoints_known_.store(true, std::memory_order_release);
}

void shell::take_in(remote_send& message) noexcept {
  if (ended_) {
    message.discard();
    return;
  }
  if (socket_ == nullptr) {
    message.next = nullptr;
    (early_first_ == nullptr ? early_first_ : early_last_->next) = &message;
    early_last_ = &message;
    return;
  }
  if (message.is_large()) {
    socket_->queue(message.take_large());
  } else if (std::byte* const place = socket_->queue(message.wire_bytes())) {
    std::memcpy(place, message.bytes().data(), message.wire_bytes());
  }
  message.free();
}

void shell::take_in_early_mail() noexcept {
  early_last_ = nullptr;
  letter* each = std::exchange(early_first_, nullptr);
  while (each != nullptr) {
    auto& message = static_cast<remote_send&>(*each);
    each = each->next;
    take_in(message);
  }
}

void shell::detach() noexcept {
  begin_end(ender::socket);
  socket_ = nullptr;
  ended_ = true;
  attachment last;
  const std::scoped_lock hold{lock_};
  attachment_released_ = true;
  std::swap(attachment_, last);
}

}  // namespace naru::core
