#include "core/handler_watch.hpp"

#include <algorithm>
#include <bit>

namespace naru::core {

void handler_watch::begin_timed() noexcept {
  since_.store(clock_.now().time_since_epoch().count(), std::memory_order_release);
  number_.store(number_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

void handler_watch::end_timed() noexcept {
  number_.store(number_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  const time_point since{time_point::duration{since_.load(std::memory_order_relaxed)}};
  const auto took = clock_.now() - since;
  if (took > stall_) stalls_.add(1);
  const auto us = static_cast<std::uint64_t>(
      std::max(std::chrono::floor<std::chrono::microseconds>(took).count(), std::int64_t{0}));
  const auto bucket = static_cast<std::size_t>(std::bit_width(us / 2));
  times_[std::min(bucket, times_.size() - 1)].add(1);
}

std::optional<handler_watch::running_call> handler_watch::look() const noexcept {
  const std::uint64_t number = number_.load(std::memory_order_acquire);
  if (number % 2 == 0) return std::nullopt;
  const std::uint64_t running = running_.load(std::memory_order_acquire);
  const auto since = since_.load(std::memory_order_acquire);
  if (number_.load(std::memory_order_relaxed) != number) return std::nullopt;
  return running_call{.number = number, .running = running, .since = time_point{time_point::duration{since}}};
}

std::string handler_watch::describe(std::uint64_t running) {
  if (running == 0) return {};
  std::string text;
  if (const std::uint64_t of = running >> kind_bits; of != 0) {
    text = "connection " + std::to_string(of) + ": ";
  }
  return text + std::string{handler_kind::name_of(static_cast<std::uint8_t>(running))};
}

void handler_watch::add_to(network_stats& sum) const noexcept {
  sum.stalls += stalls_.read();
  for (std::size_t i = 0; i < times_.size(); ++i) sum.handler_times[i] += times_[i].read();
}

}  // namespace naru::core
