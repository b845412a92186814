#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

/// The wire format of all servers and of the load, for those that do not have naru to do it: a size of 4
/// bytes, big-endian, that does not count itself, then the message.
namespace naru::bench {

inline constexpr std::size_t prefix_bytes = 4;

[[nodiscard]] inline std::array<std::byte, prefix_bytes> make_prefix(std::size_t body_bytes) noexcept {
  const auto size = static_cast<std::uint32_t>(body_bytes);
  return {std::byte(size >> 24), std::byte(size >> 16 & 0xff), std::byte(size >> 8 & 0xff),
          std::byte(size & 0xff)};
}

[[nodiscard]] inline std::size_t body_bytes(std::span<const std::byte, prefix_bytes> prefix) noexcept {
  std::size_t size = 0;
  for (const std::byte part : prefix) size = size << 8 | std::to_integer<std::size_t>(part);
  return size;
}

/// The size of the first frame, prefix and message, or 0 when it is not whole.
[[nodiscard]] inline std::size_t whole_frame(std::span<const std::byte> received) noexcept {
  if (received.size() < prefix_bytes) return 0;
  const std::size_t frame_bytes = prefix_bytes + body_bytes(received.first<prefix_bytes>());
  return received.size() < frame_bytes ? 0 : frame_bytes;
}

}  // namespace naru::bench
