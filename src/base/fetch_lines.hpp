#pragma once

#include <cstddef>

namespace naru::base {

/// Has the first so many cache lines of an object on their way here by the time that they are needed: with
/// many connections, what costs time is waiting for them. Any address will do, since nothing is read. [any]
inline void fetch_lines(const void* object, std::size_t lines) noexcept {
  constexpr std::size_t line_bytes = 64;
  const auto* const first = static_cast<const std::byte*>(object);
  for (std::size_t line = 0; line < lines; ++line) __builtin_prefetch(first + line * line_bytes);
}

}  // namespace naru::base
