#pragma once

#include <cstddef>
#include <vector>

#include <naru/bytes.hpp>

namespace naru::engine::simulated {

/// One direction of a stream: what the sender's system has taken and the receiver's has not handed out, as if
/// the buffers of both were one. Guarded by the mutex of the kernel.
class pipe {
 public:
  explicit pipe(std::size_t capacity_bytes) noexcept : capacity_bytes_{capacity_bytes} {}

  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size() - head_; }
  [[nodiscard]] std::size_t room() const noexcept { return capacity_bytes_ - size(); }
  /// No more than there is room for.
  void write(bytes_view bytes);
  /// The first bytes, no more than there are; they leave the pipe.
  [[nodiscard]] std::vector<std::byte> read(std::size_t count);
  void clear() noexcept;

  /// The end of the stream, behind the bytes that are in the pipe.
  void end() noexcept { ended_ = true; }
  [[nodiscard]] bool ended() const noexcept { return ended_; }

 private:
  std::vector<std::byte> bytes_;
  std::size_t head_ = 0;
  std::size_t capacity_bytes_;
  bool ended_ = false;
};

}  // namespace naru::engine::simulated
