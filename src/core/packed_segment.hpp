#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include <naru/bytes.hpp>

#include "core/segment.hpp"

namespace naru::core {

/// A block of the worker's pool: this header, then messages one behind the other; from the end backwards, a
/// note about each. Messages that were dropped stay where they are and are passed over. [worker]
struct packed_segment : segment {
  std::size_t capacity;
  /// Between the messages and the notes.
  std::size_t room_bytes;
  std::uint32_t messages = 0;
  /// Those that the system has taken to their end, or that were dropped before one that it has begun to take.
  std::uint32_t passed = 0;
  /// Where the last of these ends.
  std::size_t passed_bytes = 0;
  /// Bytes and number of dropped messages that are still to be passed over.
  std::size_t dropped_bytes = 0;
  std::uint32_t dropped_messages = 0;
  /// None before this one can be dropped any more.
  std::uint32_t drop_from = 0;

  explicit packed_segment(std::size_t block_bytes) noexcept
      : segment{storage::packed}, capacity{block_bytes - sizeof(packed_segment)}, room_bytes{capacity} {}

  /// What a message takes beside its bytes.
  static constexpr std::size_t note_bytes = sizeof(std::uint64_t);

  [[nodiscard]] bool has_room_for(std::size_t wire_bytes) const noexcept {
    return wire_bytes + note_bytes <= room_bytes;
  }
  [[nodiscard]] std::byte* add(std::size_t wire_bytes, std::uint32_t now_ms) noexcept {
    std::byte* const place = data() + filled;
    const std::uint64_t noted = std::uint64_t{now_ms} << 32 | static_cast<std::uint32_t>(wire_bytes);
    std::memcpy(place + room_bytes - note_bytes, &noted, note_bytes);
    room_bytes -= wire_bytes + note_bytes;
    filled += wire_bytes;
    ++messages;
    return place;
  }
  /// What is still to be sent.
  [[nodiscard]] std::size_t waiting_bytes() const noexcept { return filled - sent - dropped_bytes; }

  [[nodiscard]] std::size_t gather(std::span<bytes_view> out) const noexcept {
    if (dropped_bytes != 0) [[unlikely]]
      return gather_runs(out);
    out[0] = {data() + sent, filled - sent};
    return 1;
  }
  /// The system took so many of the waiting bytes. Answers how many messages ended in them.
  std::size_t consume(std::size_t bytes) noexcept {
    if (dropped_bytes != 0 || bytes != filled - sent) [[unlikely]]
      return consume_some(bytes);
    const std::size_t ended = messages - passed;
    sent = passed_bytes = filled;
    passed = messages;
    return ended;
  }
  /// Drops the oldest message of which no byte is sent, nor among the first `locked_bytes` that wait, if it
  /// was queued at least `age_min_ms` before `now_ms`. Answers its size; 0: there is none, or `too_young`.
  [[nodiscard]] std::size_t drop_oldest(std::size_t locked_bytes, std::uint32_t now_ms,
                                        std::uint32_t age_min_ms) noexcept;
  static constexpr std::size_t too_young = static_cast<std::size_t>(-1);
  /// When the oldest waiting message was queued. Not of one with nothing waiting.
  [[nodiscard]] std::uint32_t oldest_ms() const noexcept;
  /// How many messages wait, one that is begun included.
  [[nodiscard]] std::size_t waiting_messages() const noexcept { return messages - passed - dropped_messages; }

 private:
  struct note {
    std::size_t bytes;
    std::uint32_t queued_at_ms;
    bool dropped;
  };
  /// A message that is too long for its note lies in a block alone.
  static constexpr std::uint32_t is_dropped = std::uint32_t{1} << 31;

  [[nodiscard]] std::byte* data() noexcept {
    return reinterpret_cast<std::byte*>(this) + sizeof(packed_segment);
  }
  [[nodiscard]] const std::byte* data() const noexcept {
    return reinterpret_cast<const std::byte*>(this) + sizeof(packed_segment);
  }
  [[nodiscard]] std::byte* note_place(std::uint32_t message) noexcept {
    return data() + capacity - (message + 1) * note_bytes;
  }
  void write_note(std::uint32_t message, std::uint32_t bytes_and_mark, std::uint32_t at_ms) noexcept {
    const std::uint64_t packed = std::uint64_t{at_ms} << 32 | bytes_and_mark;
    std::memcpy(note_place(message), &packed, sizeof packed);
  }
  [[nodiscard]] note read_note(std::uint32_t message) const noexcept {
    std::uint64_t packed = 0;
    std::memcpy(&packed, data() + capacity - (message + 1) * note_bytes, sizeof packed);
    const auto low = static_cast<std::uint32_t>(packed);
    const auto at_ms = static_cast<std::uint32_t>(packed >> 32);
    const bool alone = capacity >= is_dropped;
    if (alone) return {.bytes = filled, .queued_at_ms = at_ms, .dropped = false};
    return {.bytes = low & ~is_dropped, .queued_at_ms = at_ms, .dropped = (low & is_dropped) != 0};
  }
  [[nodiscard]] std::size_t gather_runs(std::span<bytes_view> out) const noexcept;
  std::size_t consume_some(std::size_t bytes) noexcept;
  void pass_dropped() noexcept;
};

}  // namespace naru::core
