#pragma once

#include <cstddef>
#include <cstdint>

namespace naru::engine::simulated {

/// The source of chance of one engine: splitmix64 (Steele, Lea, Flood, 2014). The same numbers everywhere,
/// which the distributions of the standard library do not promise. [worker]
class random {
 public:
  explicit random(std::uint64_t seed) noexcept : state_{seed} {}

  [[nodiscard]] std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }

  /// From `lowest` to `highest`, both included.
  [[nodiscard]] std::size_t between(std::size_t lowest, std::size_t highest) noexcept {
    if (lowest >= highest) return lowest;
    return lowest + static_cast<std::size_t>(next() % (highest - lowest + 1));
  }

  /// True in so many cases of a hundred. Draws nothing for 0 and 100.
  [[nodiscard]] bool happens(unsigned percent) noexcept {
    if (percent == 0 || percent >= 100) return percent != 0;
    return next() % 100 < percent;
  }

 private:
  std::uint64_t state_;
};

}  // namespace naru::engine::simulated
