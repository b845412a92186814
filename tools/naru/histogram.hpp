#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace naru::program {

/// Names the buckets of a histogram: by how far a value must be shifted to fit into value_bits, and by what
/// is then left. From the first shift on its top bit is set, so half of the names would never be used: they
/// are left out.
struct scale {
  static constexpr unsigned value_bits = 8;
  static constexpr std::uint64_t half = std::uint64_t{1} << (value_bits - 1);
  static constexpr unsigned range_bits = 41;
  static constexpr std::uint64_t longest = (std::uint64_t{1} << range_bits) - 1;
  static constexpr std::size_t buckets = (range_bits - value_bits + 2) * half;

  [[nodiscard]] static constexpr std::size_t index_of(std::uint64_t value) noexcept {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const auto shift = width > value_bits ? width - value_bits : 0U;
    return shift * half + (value >> shift);
  }
  [[nodiscard]] static constexpr std::uint64_t lowest_in(std::size_t index) noexcept {
    if (index < 2 * half) return index;
    const auto shift = index / half - 1;
    return (index - shift * half) << shift;
  }
};

/// Counts durations in buckets whose width grows with the value, as HdrHistogram does: every value is kept
/// within 1 % from a nanosecond to half an hour, in a fixed amount of memory.
///
/// One thread records; others may read at the same time, and see some moment's counts.
class histogram {
 public:
  using duration = std::chrono::nanoseconds;

  /// Longer ones count as the longest, negative ones as none.
  void record(duration value) noexcept;
  /// Takes in what another one has counted.
  void add(const histogram& other) noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept;
  /// The value that this share of all recorded ones (0 to 1) does not exceed; 0 when there is none.
  [[nodiscard]] duration quantile(double share) const noexcept;
  [[nodiscard]] duration max() const noexcept { return duration{max_.load(std::memory_order_relaxed)}; }
  [[nodiscard]] duration mean() const noexcept;
  /// How many values are below `limit`, as exactly as the buckets tell.
  [[nodiscard]] std::uint64_t count_below(duration limit) const noexcept;

 private:
  std::array<std::atomic<std::uint64_t>, scale::buckets> buckets_ = {};
  std::atomic<std::uint64_t> sum_ = 0;
  std::atomic<std::int64_t> max_ = 0;
};

static_assert(scale::index_of(scale::longest) == scale::buckets - 1);

}  // namespace naru::program
