#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace naru::core {

/// A duration in 29 bits, for those of whom there are very many: to the millisecond up to three days, then to
/// the second, rounded up, and eight years at most. [any]
class packed_period {
 public:
  static constexpr unsigned bits = 29;
  static constexpr std::uint32_t mask = (std::uint32_t{1} << bits) - 1;

  [[nodiscard]] static constexpr std::uint32_t pack(std::chrono::milliseconds period) noexcept {
    if (period.count() < in_seconds) return static_cast<std::uint32_t>(period.count());
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(std::min(period, longest));
    return in_seconds | static_cast<std::uint32_t>(seconds.count());
  }
  [[nodiscard]] static constexpr std::chrono::milliseconds unpack(std::uint32_t packed) noexcept {
    if ((packed & in_seconds) == 0) return std::chrono::milliseconds{packed};
    return std::chrono::seconds{packed & ~in_seconds};
  }

  static constexpr std::chrono::milliseconds longest = std::chrono::years{8};

 private:
  /// The unit.
  static constexpr std::uint32_t in_seconds = std::uint32_t{1} << (bits - 1);
};

}  // namespace naru::core
