#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <system_error>

#include <naru/framing.hpp>

namespace naru::protocol {

/// What a listener or a connect settled on about its framing: checked once, then read by all of its
/// connections, on all workers at the same time. The codec belongs to the options that these came from.
struct frame_rules {
  /// The most that a custom codec's head and tail add to one message.
  static constexpr std::size_t custom_wrap_bytes_max = 2 * wrapping::part_bytes_max;

  framing::kind kind = framing::kind::raw;
  /// Of a length prefix: 1, 2 or 4; otherwise 0.
  std::uint8_t prefix_bytes = 0;
  /// The prefix is in the other byte order than this machine's.
  bool prefix_swapped = false;
  /// Only with `custom`.
  const codec* own = nullptr;
  /// The largest message: max_message_bytes, or what the prefix can say where that is less.
  std::size_t max_body_bytes = 0;

  /// Of a framing and a limit that `check` found nothing wrong with. [any]
  [[nodiscard]] static frame_rules from(const framing& frames, std::size_t max_message_bytes) noexcept;

  /// The most that the framing adds to one message. [any]
  [[nodiscard]] std::size_t wrap_bytes_max() const noexcept;

  /// True for length prefixes and raw streams: a message is `prefix_bytes` of prefix and its body, so that a
  /// sender needs `write_prefix` and not `wrap`. [any]
  [[nodiscard]] bool is_prefix_only() const noexcept {
    return kind == framing::kind::length_prefix || kind == framing::kind::raw;
  }

  /// Writes `prefix_bytes` bytes at `out`; `body_bytes` is at most max_body_bytes. [any]
  void write_prefix(std::size_t body_bytes, std::byte* out) const noexcept {
    if (prefix_bytes == 4) [[likely]] {
      auto value = static_cast<std::uint32_t>(body_bytes);
      if (prefix_swapped) value = std::byteswap(value);
      std::memcpy(out, &value, sizeof value);
    } else if (prefix_bytes == 2) {
      auto value = static_cast<std::uint16_t>(body_bytes);
      if (prefix_swapped) value = std::byteswap(value);
      std::memcpy(out, &value, sizeof value);
    } else if (prefix_bytes == 1) {
      *out = static_cast<std::byte>(body_bytes);
    }
  }

  /// Reads what `write_prefix` wrote. Not for raw streams. [any]
  [[nodiscard]] std::size_t read_prefix(const std::byte* in) const noexcept {
    if (prefix_bytes == 4) [[likely]] {
      std::uint32_t value = 0;
      std::memcpy(&value, in, sizeof value);
      return prefix_swapped ? std::byteswap(value) : value;
    }
    if (prefix_bytes == 2) {
      std::uint16_t value = 0;
      std::memcpy(&value, in, sizeof value);
      return prefix_swapped ? std::byteswap(value) : value;
    }
    return std::to_integer<std::size_t>(*in);
  }
};

/// Whether these options can be served. Errors: `invalid_prefix_width`, `codec_missing`, `zero_limit`, and
/// `message_above_backlog` when a message of the largest size could never be queued. [any]
[[nodiscard]] std::error_code check(const framing& frames, std::size_t max_message_bytes,
                                    std::size_t backlog_bytes_max) noexcept;

}  // namespace naru::protocol
