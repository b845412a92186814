#include "core/send_queue.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/assert.hpp"

namespace naru::core {

/// A block of the pool: this header, then messages one behind the other; from the end backwards, the length
/// of each.
struct packed_segment : segment {
  std::size_t capacity;
  std::uint32_t messages = 0;
  std::uint32_t messages_ended = 0;
  /// Where the last of the ended ones ends.
  std::size_t ended_bytes = 0;

  explicit packed_segment(std::size_t block_bytes) noexcept
      : segment{storage::packed}, capacity{block_bytes - sizeof(packed_segment)} {}

  [[nodiscard]] std::byte* data() noexcept {
    return reinterpret_cast<std::byte*>(this) + sizeof(packed_segment);
  }
  [[nodiscard]] const std::byte* data() const noexcept {
    return reinterpret_cast<const std::byte*>(this) + sizeof(packed_segment);
  }
  [[nodiscard]] std::size_t length_of(std::uint32_t message) const noexcept {
    length_note note = 0;
    std::memcpy(&note, data() + capacity - (message + 1) * sizeof note, sizeof note);
    return note;
  }
  [[nodiscard]] bool has_room_for(std::size_t wire_bytes) const noexcept {
    return filled + wire_bytes + (messages + 1) * sizeof(length_note) <= capacity;
  }
  [[nodiscard]] std::byte* add(std::size_t wire_bytes) noexcept {
    std::byte* const place = data() + filled;
    filled += wire_bytes;
    ++messages;
    const auto note = static_cast<length_note>(wire_bytes);
    std::memcpy(data() + capacity - messages * sizeof note, &note, sizeof note);
    return place;
  }
  /// How many messages end now that `sent` has grown.
  [[nodiscard]] std::size_t count_ended() noexcept {
    const std::uint32_t before = messages_ended;
    if (sent == filled) {
      messages_ended = messages;
      ended_bytes = filled;
      return messages - before;
    }
    while (messages_ended < messages && ended_bytes + length_of(messages_ended) <= sent) {
      ended_bytes += length_of(messages_ended);
      ++messages_ended;
    }
    return messages_ended - before;
  }

  using length_note = std::uint64_t;
  static constexpr std::size_t overhead_bytes = sizeof(length_note);
};

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

}  // namespace

std::byte* send_queue::extend(std::size_t wire_bytes) noexcept {
  NARU_ASSERT(wire_bytes > 0, "a message in the queue has at least one byte");
  packed_segment* last = nullptr;
  if (last_ != nullptr && last_->kind == segment::storage::packed) last = static_cast<packed_segment*>(last_);
  if (last == nullptr || !last->has_room_for(wire_bytes)) last = add_packed(wire_bytes);
  if (last == nullptr) return nullptr;
  bytes_ += wire_bytes;
  return last->add(wire_bytes);
}

packed_segment* send_queue::add_packed(std::size_t wire_bytes) noexcept {
  // A queue that grows will go on growing: each further block is of a larger class, so that a large backlog
  // is few buffers, and a single small message does not hold 64 KiB.
  std::size_t wanted = sizeof(packed_segment) + wire_bytes + packed_segment::overhead_bytes;
  if (last_ != nullptr) {
    const auto& classes = base::block_pool::class_bytes;
    wanted = std::max(wanted, bytes_ < classes[1] ? classes[1] : classes[2]);
  }
  const base::block_pool::block block = pool_.take(wanted);
  if (block.data == nullptr) return nullptr;
  auto* const added = ::new (block.data) packed_segment{block.bytes};
  link(*added);
  return added;
}

void send_queue::append(std::unique_ptr<large_message> message) noexcept {
  NARU_ASSERT(message->filled > 0, "a message in the queue has at least one byte");
  bytes_ += message->filled;
  link(*message.release());
}

void send_queue::link(segment& last) noexcept {
  if (last_ == nullptr) {
    first_ = &last;
  } else {
    last_->next = &last;
  }
  last_ = &last;
}

std::size_t send_queue::gather(std::span<bytes_view> out, std::size_t bytes_max) const noexcept {
  std::size_t used = 0;
  for (const segment* each = first_; each != nullptr && used < out.size(); each = each->next) {
    if (each->kind == segment::storage::packed) {
      const auto& packed = static_cast<const packed_segment&>(*each);
      out[used++] = {packed.data() + packed.sent, packed.filled - packed.sent};
    } else {
      used += gather_large(static_cast<const large_message&>(*each), out.subspan(used));
    }
  }
  for (std::size_t i = 0; i < used; ++i) {
    if (out[i].size() >= bytes_max) {
      out[i] = out[i].first(bytes_max);
      return i + 1;
    }
    bytes_max -= out[i].size();
  }
  return used;
}

std::size_t send_queue::consume(std::size_t bytes) noexcept {
  NARU_ASSERT(bytes <= bytes_, "no more can be taken than waits");
  bytes_ -= bytes;
  std::size_t ended = 0;
  while (bytes > 0) {
    const std::size_t of_first = std::min(bytes, first_->filled - first_->sent);
    first_->sent += of_first;
    bytes -= of_first;
    const bool all_sent = first_->sent == first_->filled;
    if (first_->kind == segment::storage::packed) {
      ended += static_cast<packed_segment*>(first_)->count_ended();
    } else if (all_sent) {
      ++ended;
    }
    if (all_sent) drop_first();
  }
  return ended;
}

void send_queue::clear() noexcept {
  while (first_ != nullptr) drop_first();
  bytes_ = 0;
}

void send_queue::drop_first() noexcept {
  segment* const first = first_;
  first_ = first->next;
  if (first_ == nullptr) last_ = nullptr;
  if (first->kind == segment::storage::packed) {
    auto* const packed = static_cast<packed_segment*>(first);
    pool_.give_back({packed, packed->capacity + sizeof(packed_segment)});
  } else {
    delete static_cast<large_message*>(first);
  }
}

}  // namespace naru::core
