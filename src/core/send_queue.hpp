#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <naru/bytes.hpp>

#include "core/latest_box.hpp"
#include "core/message_body.hpp"
#include "core/queue_supply.hpp"
#include "core/segment.hpp"

namespace naru::core {

struct packed_segment;

/// What a connection has still to send: messages, in order, and where each begins and ends.
///
/// Small messages lie packed in blocks of the worker's pool, one behind the other, so that many of them are
/// one buffer for the system; the length of each is noted at the far end of its block. No message is split
/// between two blocks. A large one that was moved in stays where it is, a shared one is referred to, and one
/// of `send_latest` lies where a later one can take its place. Blocks never move, so that an engine may own
/// them while more is appended; what an engine owns is locked, and neither dropped nor replaced. An empty
/// queue holds no memory. [worker]
class send_queue {
 public:
  explicit send_queue(queue_supply& supply) noexcept : supply_{supply} {}
  send_queue(const send_queue&) = delete;
  send_queue& operator=(const send_queue&) = delete;
  ~send_queue() { static_cast<void>(clear()); }

  /// Makes room for one message of this many bytes, framing included, at the end, for the caller to fill in
  /// at once. At least 1 byte. Null when there is no memory; nothing has changed then.
  [[nodiscard]] std::byte* extend(std::size_t wire_bytes) noexcept;
  /// Appends one that has its own memory.
  void append(std::unique_ptr<large_message> message) noexcept;
  /// Appends one that many share, as it goes over the wire. False when there is no memory.
  [[nodiscard]] bool append(const message_ref& message, bytes_view wire) noexcept;
  /// Appends one that may be replaced as long as it waits. All of a queue are of one box.
  void append(latest_value& value, latest_box& of) noexcept;

  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  /// Null when it is empty.
  [[nodiscard]] const segment* front() const noexcept { return first_; }
  /// Those that wait, but for those that may still be replaced.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::size_t messages() const noexcept { return messages_; }

  /// Writes the oldest bytes that wait into `out`, at most `bytes_max` of them; answers how many entries it
  /// used. They are the system's then, until `consume` and `unlock`.
  [[nodiscard]] std::size_t gather(std::span<bytes_view> out, std::size_t bytes_max) noexcept;

  /// The oldest `bytes` were taken by the system. Answers how many messages ended in them.
  std::size_t consume(std::size_t bytes) noexcept;
  /// Of what was gathered the engine keeps so many bytes that are not taken yet.
  void lock(std::size_t bytes) noexcept { locked_bytes_ = bytes; }
  /// It keeps none any more.
  void unlock() noexcept {
    locked_bytes_ = 0;
    if (latest_messages_ != 0) [[unlikely]]
      unseal();
  }

  /// A message, and what it counts against limits.
  struct sum {
    std::size_t bytes = 0;
    std::size_t messages = 0;
  };
  /// Drops the oldest message that is neither begun nor locked, if it is at least so old. Answers its size;
  /// 0: there is none.
  [[nodiscard]] std::size_t drop_oldest(std::uint32_t age_min_ms = 0) noexcept;
  /// When the oldest message was queued, by the supply's count; nothing when none waits.
  [[nodiscard]] std::optional<std::uint32_t> oldest_ms() noexcept;

  /// Throws all away; answers what it was.
  sum clear() noexcept;

 private:
  [[nodiscard]] packed_segment* add_packed(std::size_t wire_bytes) noexcept;
  [[nodiscard]] std::size_t gather_latest(latest_value& value, std::span<bytes_view> out) noexcept;
  [[nodiscard]] static std::size_t waiting_bytes(const segment& one) noexcept;
  void link(segment& last) noexcept;
  void drop_first() noexcept;
  /// Takes out the one behind `before`, or the first one.
  void unlink(segment* before, segment& one) noexcept;
  void free(segment& one) noexcept;
  void unseal() noexcept;
  [[nodiscard]] std::uint32_t time_of(segment& one) noexcept;
  std::size_t drop_whole(segment* before, segment& one) noexcept;

  queue_supply& supply_;
  segment* first_ = nullptr;
  segment* last_ = nullptr;
  std::size_t bytes_ = 0;
  std::size_t messages_ = 0;
  std::size_t locked_bytes_ = 0;
  std::uint32_t latest_messages_ = 0;
  /// Segments that the last `gather` looked at.
  std::uint32_t gathered_segments_ = 0;
  latest_box* box_ = nullptr;
};

}  // namespace naru::core
