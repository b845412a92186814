#include "histogram.hpp"

#include <algorithm>
#include <cmath>

namespace naru::program {

namespace {

// One thread writes, so no read-modify-write is needed for others to see whole numbers.
template <typename Number>
void add_to(std::atomic<Number>& target, Number amount) noexcept {
  target.store(target.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

}  // namespace

void histogram::record(duration value) noexcept {
  const auto kept =
      std::min(static_cast<std::uint64_t>(std::max<duration::rep>(value.count(), 0)), scale::longest);
  add_to(buckets_[scale::index_of(kept)], std::uint64_t{1});
  add_to(sum_, kept);
  if (value > max()) max_.store(value.count(), std::memory_order_relaxed);
}

void histogram::add(const histogram& other) noexcept {
  for (std::size_t i = 0; i < scale::buckets; ++i) {
    add_to(buckets_[i], other.buckets_[i].load(std::memory_order_relaxed));
  }
  add_to(sum_, other.sum_.load(std::memory_order_relaxed));
  max_.store(std::max(max(), other.max()).count(), std::memory_order_relaxed);
}

std::uint64_t histogram::count() const noexcept {
  return count_below(duration::max());
}

histogram::duration histogram::mean() const noexcept {
  const auto values = count();
  if (values == 0) return duration{0};
  return duration{static_cast<duration::rep>(sum_.load(std::memory_order_relaxed) / values)};
}

histogram::duration histogram::quantile(double share) const noexcept {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count())));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < scale::buckets; ++i) {
    seen += buckets_[i].load(std::memory_order_relaxed);
    if (seen == 0 || seen < wanted) continue;
    const auto highest = static_cast<duration::rep>(scale::lowest_in(i + 1) - 1);
    return std::min(duration{highest}, max());
  }
  return max();
}

std::uint64_t histogram::count_below(duration limit) const noexcept {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < scale::buckets; ++i) {
    if (static_cast<duration::rep>(scale::lowest_in(i)) >= limit.count()) break;
    seen += buckets_[i].load(std::memory_order_relaxed);
  }
  return seen;
}

}  // namespace naru::program
