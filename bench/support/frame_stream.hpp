#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace naru::bench {

/// One frame over and over: what a load sends, and what it compares all that comes back with.
class frame_stream {
 public:
  explicit frame_stream(std::size_t message_bytes);

  [[nodiscard]] std::size_t frame_bytes() const noexcept { return frame_bytes_; }
  /// What one send can bring: 64 KiB and a frame.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

  /// Sends so many frames at once, and throws if the system does not take them whole.
  void send(int socket, std::size_t frames) const;
  /// Receives once and without waiting; throws at anything else than these frames. `partial_bytes` are those
  /// received of a frame that is not whole yet. How many became whole.
  std::uint64_t receive(int socket, std::size_t& partial_bytes);

 private:
  static constexpr std::size_t buffer_bytes = std::size_t{64} << 10;

  std::size_t frame_bytes_;
  std::vector<std::byte> bytes_;
  std::vector<std::byte> buffer_;
};

}  // namespace naru::bench
