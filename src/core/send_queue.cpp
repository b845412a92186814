#include "core/send_queue.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "base/assert.hpp"
#include "core/packed_segment.hpp"
#include "core/shared_segment.hpp"

namespace naru::core {

namespace {

std::size_t gather_large(const large_message& message, std::span<bytes_view> out) noexcept {
  const std::span all_head{message.around.head};
  const std::span all_tail{message.around.tail};
  std::size_t skip = message.sent;
  std::size_t used = 0;
  for (const bytes_view part : {bytes_view{all_head.first(message.around.head_bytes)}, message.body,
                                bytes_view{all_tail.first(message.around.tail_bytes)}}) {
    if (skip >= part.size()) {
      skip -= part.size();
    } else if (used < out.size()) {
      out[used++] = part.subspan(skip);
      skip = 0;
    }
  }
  return used;
}

/// Leaves no more than so many bytes of these.
std::size_t cut(std::span<bytes_view> parts, std::size_t bytes_max) noexcept {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].size() >= bytes_max) {
      parts[i] = parts[i].first(bytes_max);
      return i + 1;
    }
    bytes_max -= parts[i].size();
  }
  return parts.size();
}

}  // namespace

std::byte* send_queue::extend(std::size_t wire_bytes) noexcept {
  NARU_ASSERT(wire_bytes > 0, "a message in the queue has at least one byte");
  packed_segment* last = nullptr;
  if (last_ != nullptr && last_->kind == segment::storage::packed) last = static_cast<packed_segment*>(last_);
  if (last == nullptr || !last->has_room_for(wire_bytes)) last = add_packed(wire_bytes);
  if (last == nullptr) return nullptr;
  bytes_ += wire_bytes;
  ++messages_;
  return last->add(wire_bytes, supply_.now_ms());
}

packed_segment* send_queue::add_packed(std::size_t wire_bytes) noexcept {
  // A queue that grows will go on growing: each further block is of a larger class, so that a large backlog
  // is few buffers, and a single small message does not hold 64 KiB.
  std::size_t wanted = sizeof(packed_segment) + wire_bytes + packed_segment::note_bytes;
  if (last_ != nullptr) {
    const auto& classes = base::block_pool::class_bytes;
    wanted = std::max(wanted, bytes_ < classes[1] ? classes[1] : classes[2]);
  }
  const base::block_pool::block block = supply_.blocks().take(wanted);
  if (block.data == nullptr) return nullptr;
  auto* const added = ::new (block.data) packed_segment{block.bytes};
  link(*added);
  return added;
}

void send_queue::append(std::unique_ptr<large_message> message) noexcept {
  NARU_ASSERT(message->filled > 0, "a message in the queue has at least one byte");
  bytes_ += message->filled;
  ++messages_;
  link(*message.release());
}

bool send_queue::append(const message_ref& message, bytes_view wire) noexcept {
  NARU_ASSERT(!wire.empty(), "a message in the queue has at least one byte");
  shared_segment* const made = shared_segment::make(message, wire, supply_);
  if (made == nullptr) return false;
  bytes_ += wire.size();
  ++messages_;
  link(*made);
  return true;
}

void send_queue::append(latest_value& value, latest_box& of) noexcept {
  box_ = &of;
  ++messages_;
  ++latest_messages_;
  link(value);
}

void send_queue::link(segment& last) noexcept {
  last.next = nullptr;
  last.queued_at_ms = supply_.now_ms();
  (last_ == nullptr ? first_ : last_->next) = &last;
  last_ = &last;
}

std::size_t send_queue::gather(std::span<bytes_view> out, std::size_t bytes_max) noexcept {
  if (first_ != nullptr && first_ == last_ && first_->kind == segment::storage::packed) [[likely]] {
    gathered_segments_ = 1;
    const std::size_t used = static_cast<packed_segment*>(first_)->gather(out);
    return out[0].size() <= bytes_max && used == 1 ? 1 : cut(out.first(used), bytes_max);
  }
  std::size_t used = 0;
  gathered_segments_ = 0;
  for (segment* each = first_; each != nullptr && used < out.size(); each = each->next) {
    ++gathered_segments_;
    switch (each->kind) {
      case segment::storage::packed:
        used += static_cast<packed_segment&>(*each).gather(out.subspan(used));
        break;
      case segment::storage::large:
        used += gather_large(static_cast<large_message&>(*each), out.subspan(used));
        break;
      case segment::storage::shared:
        out[used++] = static_cast<shared_segment&>(*each).wire.subspan(each->sent);
        break;
      case segment::storage::latest:
        used += gather_latest(static_cast<latest_value&>(*each), out.subspan(used));
        break;
    }
  }
  return cut(out.first(used), bytes_max);
}

std::size_t send_queue::gather_latest(latest_value& value, std::span<bytes_view> out) noexcept {
  if (!value.sealed) bytes_ += box_->seal(value);
  out[0] = bytes_view{value.bytes.get(), value.filled}.subspan(value.sent);
  return 1;
}

std::size_t send_queue::consume(std::size_t bytes) noexcept {
  NARU_ASSERT(bytes <= bytes_, "no more can be taken than waits");
  bytes_ -= bytes;
  std::size_t ended = 0;
  while (bytes > 0) {
    const std::size_t of_first = std::min(bytes, waiting_bytes(*first_));
    bytes -= of_first;
    if (first_->kind == segment::storage::packed) {
      ended += static_cast<packed_segment*>(first_)->consume(of_first);
      if (waiting_bytes(*first_) > 0) break;
    } else {
      first_->sent += of_first;
      if (first_->sent < first_->filled) break;
      ++ended;
    }
    drop_first();
  }
  messages_ -= ended;
  return ended;
}

std::size_t send_queue::waiting_bytes(const segment& one) noexcept {
  if (one.kind == segment::storage::packed) return static_cast<const packed_segment&>(one).waiting_bytes();
  return one.filled - one.sent;
}

send_queue::sum send_queue::clear() noexcept {
  sum all;
  while (first_ != nullptr) {
    if (first_->kind == segment::storage::latest && !static_cast<latest_value*>(first_)->sealed) {
      all.bytes += box_->seal(static_cast<latest_value&>(*first_));
    }
    drop_first();
  }
  all.bytes += std::exchange(bytes_, 0);
  all.messages = std::exchange(messages_, 0);
  locked_bytes_ = 0;
  return all;
}

void send_queue::drop_first() noexcept {
  unlink(nullptr, *first_);
}

void send_queue::unlink(segment* before, segment& one) noexcept {
  (before == nullptr ? first_ : before->next) = one.next;
  if (last_ == &one) last_ = before;
  free(one);
}

void send_queue::free(segment& one) noexcept {
  switch (one.kind) {
    case segment::storage::packed: {
      auto& packed = static_cast<packed_segment&>(one);
      supply_.blocks().give_back({&packed, packed.capacity + sizeof(packed_segment)});
      break;
    }
    case segment::storage::large:
      delete static_cast<large_message*>(&one);
      break;
    case segment::storage::shared:
      static_cast<shared_segment&>(one).free(supply_);
      break;
    case segment::storage::latest:
      --latest_messages_;
      latest_box::free(static_cast<latest_value&>(one));
      break;
  }
}

}  // namespace naru::core
