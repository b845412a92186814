#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace naru {

/// A run of bytes that somebody else owns.
///
/// A message handed to `on_received` is one of these; it is valid until that handler returns.
using bytes_view = std::span<const std::byte>;

/// The bytes of a text, without a terminating zero.
[[nodiscard]] inline bytes_view as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span{text.data(), text.size()});
}

/// Bytes read as text. Nothing is checked: what a peer sent need not be UTF-8.
[[nodiscard]] inline std::string_view as_text(bytes_view bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace naru
