#pragma once

#include <algorithm>
#include <chrono>
#include <limits>

namespace naru::engine {

/// A wait in the unit that systems take. Rounded up: one that was cut down to 0 would spin until the timer
/// behind it is due. [any]
[[nodiscard]] inline int to_milliseconds(std::chrono::nanoseconds wait) noexcept {
  constexpr std::chrono::milliseconds longest{std::numeric_limits<int>::max()};
  if (wait >= longest) return std::numeric_limits<int>::max();
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(wait);
  return static_cast<int>(std::max(rounded, std::chrono::milliseconds{0}).count());
}

}  // namespace naru::engine
