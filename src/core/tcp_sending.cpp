#include <span>
#include <utility>

#include "core/tcp_socket.hpp"
#include "protocol/wrap.hpp"

namespace naru::core {

namespace {

/// How many submissions a connection makes while its own handler goes on sending. What is left then goes one
/// by one, in turns with others.
constexpr unsigned pushed_submissions_max = 16;

std::size_t gathered_bytes(std::span<const bytes_view> buffers) noexcept {
  std::size_t all = 0;
  for (const bytes_view each : buffers) all += each.size();
  return all;
}

}  // namespace

result<void> tcp_socket::send(outgoing& message) noexcept {
  worker_.assert_here();
  const protocol::frame_rules& rules = shell_->common().rules;
  const std::size_t body_bytes = message.body_bytes();
  if (!rules.is_prefix_only()) {
    const auto around = protocol::wrap(rules, message.pieces(), body_bytes);
    if (!around) return std::unexpected{around.error()};
    return send_wrapped(message, *around);
  }
  if (body_bytes > rules.max_body_bytes) return std::unexpected{make_error_code(errc::message_too_large)};
  if (message.stays_in_place()) {
    wrapping around;
    around.head_bytes = rules.prefix_bytes;
    rules.write_prefix(body_bytes, around.head.data());
    return send_wrapped(message, around);
  }
  const std::size_t wire_bytes = rules.prefix_bytes + body_bytes;
  if (wire_bytes == 0) return {};  // nothing in a raw stream
  if (!shell_->try_reserve(wire_bytes) && !make_room(wire_bytes)) [[unlikely]]
    return refuse();
  std::byte* place = queue_.extend(wire_bytes);
  if (place == nullptr) [[unlikely]] {
    place = extend_relieved(wire_bytes);
    if (place == nullptr) return no_memory(wire_bytes);
  }
  rules.write_prefix(body_bytes, place);
  place += rules.prefix_bytes;
  for (const bytes_view piece : message.pieces()) place = copy_to(place, piece);
  appended();
  return {};
}

result<void> tcp_socket::send_wrapped(outgoing& message, const wrapping& around) noexcept {
  const std::size_t wire_bytes = around.head_bytes + message.body_bytes() + around.tail_bytes;
  if (wire_bytes == 0) return {};
  if (!make_room(wire_bytes)) return refuse();
  if (message.stays_in_place()) {
    auto large = message.take(worker_.queues().budget());
    if (large == nullptr && worker_.relieve_memory(wire_bytes)) {
      large = message.take(worker_.queues().budget());
    }
    if (large == nullptr || !still_sends()) return no_memory(wire_bytes);
    large->wrap_in(around);
    queue_.append(std::move(large));
  } else {
    std::byte* const place = extend(wire_bytes);
    if (place == nullptr) return no_memory(wire_bytes);
    message.write_framed(place, around);
  }
  appended();
  return {};
}

result<void> tcp_socket::send(const message_ref& message) noexcept {
  worker_.assert_here();
  const auto wire = message->framed(shell_->common());
  if (!wire) return std::unexpected{wire.error()};
  if (wire->empty()) return {};
  if (!make_room(wire->size())) return refuse();
  if (!append(message, *wire)) return no_memory(wire->size());
  appended();
  return {};
}

bool tcp_socket::append(const message_ref& message, bytes_view wire) noexcept {
  const auto put = [&] { return message->count_in(shell_->common().totals) && queue_.append(message, wire); };
  return put() || (worker_.relieve_memory(wire.size()) && still_sends() && put());
}

std::byte* tcp_socket::extend(std::size_t wire_bytes) noexcept {
  std::byte* const place = queue_.extend(wire_bytes);
  return place != nullptr ? place : extend_relieved(wire_bytes);
}

std::byte* tcp_socket::extend_relieved(std::size_t wire_bytes) noexcept {
  // This connection may be among those that are ended for it.
  return worker_.relieve_memory(wire_bytes) && still_sends() ? queue_.extend(wire_bytes) : nullptr;
}

bool tcp_socket::make_room(std::size_t charge) noexcept {
  if (shell_->try_reserve(charge)) [[likely]]
    return true;
  // What was gathered, or what the system has made room for since, may be all that is in the way.
  std::size_t before = 0;
  do {
    before = queue_.bytes();
    push();
    if (!still_sends()) return false;  // ended before, or by that
    if (shell_->try_reserve(charge)) return true;
  } while (queue_.bytes() < before);
  if (shell_->common().options.when_backlog_full != backlog_policy::drop_oldest) return false;
  if (shell_->is_too_old()) return false;  // which dropping cannot change: it is on its way
  // Not in vain: what is larger than all that may wait would empty the queue and still not fit.
  if (charge > shell_->common().options.backlog_bytes_max) return false;
  while (const std::size_t dropped = queue_.drop_oldest()) {
    count_dropped(dropped);
    if (shell_->try_reserve(charge)) return true;
  }
  return false;
}

void tcp_socket::count_dropped(std::size_t bytes) noexcept {
  shell_->release(bytes, 1);
  shell_->count_dropped(worker_.counters(), 1);
}

result<void> tcp_socket::refuse() noexcept {
  const std::error_code full = make_error_code(errc::backlog_full);
  if (!still_sends()) return std::unexpected{make_error_code(errc::closed)};  // ended while room was made
  shell_->count_refused();
  if (shell_->common().options.when_backlog_full == backlog_policy::close) fail({close_cause::backlog, full});
  return std::unexpected{full};
}

result<void> tcp_socket::no_memory(std::size_t reserved_bytes) noexcept {
  const auto error = std::make_error_code(std::errc::not_enough_memory);
  shell_->release(reserved_bytes, 1);
  fail({close_cause::memory, error});
  return std::unexpected{error};
}

void tcp_socket::queue(std::unique_ptr<large_message> message) noexcept {
  if (!takes_in(message->filled)) return;
  queue_.append(std::move(message));
  appended();
}

std::byte* tcp_socket::queue(std::size_t wire_bytes) noexcept {
  if (!takes_in(wire_bytes)) return nullptr;
  std::byte* const place = extend(wire_bytes);
  if (place == nullptr) {
    static_cast<void>(no_memory(wire_bytes));
  } else {
    worker_.settle_later(*this);  // not pushed here: the bytes are still to be filled in
  }
  return place;
}

void tcp_socket::queue(const message_ref& message, bytes_view wire) noexcept {
  if (!takes_in(wire.size())) return;
  if (append(message, wire)) {
    appended();
  } else {
    static_cast<void>(no_memory(wire.size()));
  }
}

void tcp_socket::queue(latest_value& value) noexcept {
  latest_box& box = shell_->known_rare()->latest;
  if (still_sends()) {
    queue_.append(value, box);
    appended();
  } else {
    static_cast<void>(takes_in(box.seal(value)));
    latest_box::free(value);
  }
}

bool tcp_socket::takes_in(std::size_t wire_bytes) noexcept {
  worker_.assert_here();
  if (still_sends()) return true;
  shell_->release(wire_bytes, 1);
  shell_->count_lost(worker_.counters(), 1);
  return false;
}

void tcp_socket::appended() noexcept {
  worker_.settle_later(*this);
  // At once means no more than once while the system has no room.
  if (queue_.bytes() >= push_at_bytes_ && (!pushes_at_once_ || !send_pending_)) push();
}

void tcp_socket::push() noexcept {
  if (phase_ == phase::ending) return;  // a letter may ask for room still
  if (send_pending_) {
    const auto finished = stream_->try_finish_send();
    if (!finished) return;
    send_pending_ = false;
    taken(finished->bytes);
    queue_.unlock();
    if (finished->error) {
      fail_to_send(finished->error);
      return;
    }
  }
  for (unsigned submissions = 0; submissions < pushed_submissions_max && submit(); ++submissions) {
  }
  push_at_bytes_ = queue_.bytes() + push_step();
}

void tcp_socket::flush() noexcept {
  goes_on_sending_ = submit();
  if (goes_on_sending_) [[unlikely]]
    worker_.settle_later(*this);
  push_at_bytes_ = queue_.bytes() + push_step();
}

bool tcp_socket::submit() noexcept {
  if (!can_send() || queue_.empty()) return false;
  const std::span buffers = worker_.queues().buffers();
  const std::size_t used = queue_.gather(buffers, engine::stream::send_bytes_max);
  const engine::send_result sent = stream_->send(buffers.first(used));
  taken(sent.bytes);
  send_pending_ = sent.state == engine::send_result::status::pending;
  keeps_buffers_ = send_pending_ && sent.keeps_buffers;
  if (keeps_buffers_) {
    // Not unlocked in between: what the engine keeps must not be replaced either.
    queue_.lock(gathered_bytes(buffers.first(used)) - sent.bytes);
  } else {
    queue_.unlock();
  }
  switch (sent.state) {
    case engine::send_result::status::taken:
      return !queue_.empty();
    case engine::send_result::status::pending:
      return false;
    case engine::send_result::status::no_room:
      retrying_ = true;
      worker_.retry_soon();
      return false;
    case engine::send_result::status::failed:
      fail_to_send(sent.error);
      return false;
  }
  return false;
}

void tcp_socket::retry() noexcept {
  if (!std::exchange(retrying_, false)) return;
  settle();
}

void tcp_socket::taken(std::size_t bytes) noexcept {
  if (bytes == 0) return;
  const std::size_t messages = queue_.consume(bytes);
  shell_->release(bytes, messages);
  shell_->bytes_sent.add(bytes);
  shell_->messages_sent.add(messages);
  worker_.counters().bytes_sent.add(bytes);
  worker_.counters().messages_sent.add(messages);
  if (phase_ == phase::flushing) arm_linger();
  if (watch_ != nullptr && watch_->is_set(watch::deadline::stall)) [[unlikely]] {
    watch_->set(watch::deadline::stall, worker_.now() + shell_->common().options.write_stall_timeout);
  }
}

void tcp_socket::on_sent(std::size_t bytes, std::error_code error) {
  worker_.assert_here();
  send_pending_ = false;
  taken(bytes);
  queue_.unlock();
  if (error) {
    fail_to_send(error);
  } else {
    flush();  // what had begun to leave does not wait for a tick
    settle();
  }
}

void tcp_socket::fail_to_send(std::error_code error) noexcept {
  fail({cause_of(error), error});
}

}  // namespace naru::core
