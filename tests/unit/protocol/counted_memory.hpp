#pragma once

#include <cstddef>

/// Watches the memory that is asked for without exceptions, as the protocol does, and nobody else in these
/// tests; refuses it on demand.
namespace naru::protocol::test {

class counted_memory {
 public:
  static constexpr std::size_t never = static_cast<std::size_t>(-1);

  /// From now until the end of this object; `granted` requests succeed, all later ones fail.
  explicit counted_memory(std::size_t granted = never) noexcept;
  counted_memory(const counted_memory&) = delete;
  counted_memory& operator=(const counted_memory&) = delete;
  ~counted_memory();

  [[nodiscard]] std::size_t requests() const noexcept;
  [[nodiscard]] std::size_t largest_request_bytes() const noexcept;
};

}  // namespace naru::protocol::test
