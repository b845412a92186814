#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <naru/bytes.hpp>

namespace naru::engine::simulated {

/// The buffers of a pending send. Their memory is read as late as a system reads it, when the bytes are
/// taken, and watched until then: whoever frees or changes it is found out, by AddressSanitizer or by the
/// comparison with a copy. [worker]
class in_flight {
 public:
  /// From byte `first` on, which there is.
  void begin(std::span<const bytes_view> buffers, std::size_t first);
  [[nodiscard]] bool active() const noexcept { return !witness_.empty(); }
  [[nodiscard]] std::size_t remaining() const noexcept { return witness_.size() - taken_; }
  [[nodiscard]] std::size_t taken() const noexcept { return taken_; }
  /// The next bytes, no more than remain: those of the caller's memory, not of the copy.
  [[nodiscard]] std::vector<std::byte> take(std::size_t count);
  /// The buffers are the caller's again: everything must still be as it was.
  void finish() noexcept;

 private:
  std::vector<bytes_view> buffers_;
  std::vector<std::byte> witness_;
  std::size_t taken_ = 0;
};

/// So many bytes of these buffers, from `first` on, in one piece.
[[nodiscard]] std::vector<std::byte> gather(std::span<const bytes_view> buffers, std::size_t first,
                                            std::size_t count);

}  // namespace naru::engine::simulated
