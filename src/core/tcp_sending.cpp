#include <array>
#include <chrono>
#include <span>
#include <utility>

#include "core/tcp_socket.hpp"
#include "protocol/wrap.hpp"

namespace naru::core {

namespace {

/// After the system refused to send for lack of room, with nothing in flight whose end would tell of some.
constexpr std::chrono::milliseconds retry_delay{10};
/// How many submissions one connection makes before it is the turn of others.
constexpr unsigned submissions_max = 16;

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
  if (!reserve(wire_bytes)) return overflow();
  std::byte* place = queue_.extend(wire_bytes);
  if (place == nullptr) return no_memory(wire_bytes);
  rules.write_prefix(body_bytes, place);
  place += rules.prefix_bytes;
  for (const bytes_view piece : message.pieces()) place = copy_to(place, piece);
  appended();
  return {};
}

result<void> tcp_socket::send_wrapped(outgoing& message, const wrapping& around) noexcept {
  const std::size_t wire_bytes = around.head_bytes + message.body_bytes() + around.tail_bytes;
  if (wire_bytes == 0) return {};
  if (!reserve(wire_bytes)) return overflow();
  if (message.stays_in_place()) {
    auto large = message.take();
    if (large == nullptr) return no_memory(wire_bytes);
    large->wrap_in(around);
    queue_.append(std::move(large));
  } else {
    std::byte* place = queue_.extend(wire_bytes);
    if (place == nullptr) return no_memory(wire_bytes);
    place = copy_to(place, bytes_view{around.head}.first(around.head_bytes));
    for (const bytes_view piece : message.pieces()) place = copy_to(place, piece);
    copy_to(place, bytes_view{around.tail}.first(around.tail_bytes));
  }
  appended();
  return {};
}

bool tcp_socket::reserve(std::size_t wire_bytes) noexcept {
  return shell_->try_reserve(wire_bytes) || make_room(wire_bytes);
}

bool tcp_socket::make_room(std::size_t wire_bytes) noexcept {
  // What was gathered, or what the system has made room for since, may be all that is in the way.
  std::size_t before = 0;
  do {
    before = queue_.bytes();
    push();
    if (shell_->try_reserve(wire_bytes)) return true;
  } while (queue_.bytes() < before);
  return false;
}

result<void> tcp_socket::overflow() noexcept {
  fail({close_cause::backlog, make_error_code(errc::backlog_full)});
  return std::unexpected{make_error_code(errc::backlog_full)};
}

result<void> tcp_socket::no_memory(std::size_t reserved_bytes) noexcept {
  const auto error = std::make_error_code(std::errc::not_enough_memory);
  shell_->release(reserved_bytes);
  fail({close_cause::memory, error});
  return std::unexpected{error};
}

void tcp_socket::queue(std::unique_ptr<large_message> message) noexcept {
  worker_.assert_here();
  const std::size_t wire_bytes = message->filled;
  if (!still_sends()) {
    shell_->release(wire_bytes);
    return;
  }
  queue_.append(std::move(message));
  appended();
}

std::byte* tcp_socket::queue(std::size_t wire_bytes) noexcept {
  worker_.assert_here();
  if (!still_sends()) {
    shell_->release(wire_bytes);
    return nullptr;
  }
  std::byte* const place = queue_.extend(wire_bytes);
  if (place == nullptr) {
    static_cast<void>(no_memory(wire_bytes));
  } else {
    worker_.settle_later(*this);  // not pushed here: the bytes are still to be filled in
  }
  return place;
}

void tcp_socket::appended() noexcept {
  worker_.settle_later(*this);
  if (queue_.bytes() >= push_at_bytes_) push();
}

void tcp_socket::push() noexcept {
  if (send_pending_) {
    const auto finished = stream_->try_finish_send();
    if (!finished) return;
    send_pending_ = false;
    taken(finished->bytes);
    if (finished->error) {
      fail_to_send(finished->error);
      return;
    }
  }
  flush();
  push_at_bytes_ = queue_.bytes() + engine::stream::send_bytes_max;
}

void tcp_socket::flush() noexcept {
  std::array<bytes_view, engine::stream::send_buffers_max> buffers;
  for (unsigned submissions = 0; can_send() && !queue_.empty(); ++submissions) {
    if (submissions == submissions_max) {
      worker_.settle_later(*this);
      return;
    }
    const std::size_t used = queue_.gather(buffers, engine::stream::send_bytes_max);
    const engine::send_result sent = stream_->send(std::span{buffers}.first(used));
    taken(sent.bytes);
    switch (sent.state) {
      case engine::send_result::status::taken:
        break;
      case engine::send_result::status::pending:
        send_pending_ = true;
        return;
      case engine::send_result::status::no_room:
        retrying_ = true;
        worker_.timers().arm(retry_timer_, worker_.now() + retry_delay);
        return;
      case engine::send_result::status::failed:
        fail_to_send(sent.error);
        return;
    }
  }
  push_at_bytes_ = queue_.bytes() + engine::stream::send_bytes_max;
}

void tcp_socket::retry() noexcept {
  retrying_ = false;
  settle();
}

void tcp_socket::taken(std::size_t bytes) noexcept {
  if (bytes == 0) return;
  const std::size_t messages = queue_.consume(bytes);
  shell_->release(bytes);
  shell_->bytes_sent.add(bytes);
  shell_->messages_sent.add(messages);
  worker_.counters().bytes_sent.add(bytes);
  worker_.counters().messages_sent.add(messages);
  if (phase_ == phase::flushing) arm_linger();
}

void tcp_socket::on_sent(std::size_t bytes, std::error_code error) {
  worker_.assert_here();
  send_pending_ = false;
  taken(bytes);
  if (error) {
    fail_to_send(error);
  } else {
    settle();
  }
}

void tcp_socket::fail_to_send(std::error_code error) noexcept {
  fail({cause_of(error), error});
}

}  // namespace naru::core
