#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <naru/bytes.hpp>

#include "base/block_pool.hpp"
#include "core/large_message.hpp"

namespace naru::core {

struct packed_segment;
struct segment;

/// What a connection has still to send: messages, in order, and where each begins and ends.
///
/// Small messages lie packed in blocks of the worker's pool, one behind the other, so that many of them are
/// one buffer for the system; the length of each is noted at the far end of its block. No message is split
/// between two blocks. A large one that was moved in stays where it is. Blocks never move, so that an engine
/// may own them while more is appended. An empty queue holds no memory. [worker]
class send_queue {
 public:
  explicit send_queue(base::block_pool& pool) noexcept : pool_{pool} {}
  send_queue(const send_queue&) = delete;
  send_queue& operator=(const send_queue&) = delete;
  ~send_queue() { clear(); }

  /// Makes room for one message of this many bytes, framing included, at the end, for the caller to fill in
  /// at once. At least 1 byte. Null when there is no memory; nothing has changed then.
  [[nodiscard]] std::byte* extend(std::size_t wire_bytes) noexcept;
  /// Appends one that has its own memory.
  void append(std::unique_ptr<large_message> message) noexcept;

  [[nodiscard]] bool empty() const noexcept { return bytes_ == 0; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  /// Writes the oldest bytes that wait into `out`, at most `bytes_max` of them; answers how many entries it
  /// used.
  [[nodiscard]] std::size_t gather(std::span<bytes_view> out, std::size_t bytes_max) const noexcept;

  /// The oldest `bytes` were taken by the system. Answers how many messages ended in them.
  std::size_t consume(std::size_t bytes) noexcept;

  void clear() noexcept;

 private:
  [[nodiscard]] packed_segment* add_packed(std::size_t wire_bytes) noexcept;
  void link(segment& last) noexcept;
  void drop_first() noexcept;

  base::block_pool& pool_;
  segment* first_ = nullptr;
  segment* last_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace naru::core
