#include "engine/simulated/datagram_queue.hpp"

#include <utility>

namespace naru::engine::simulated {

namespace {

/// Beside its bytes each datagram takes so much, lest empty ones be held without end.
constexpr std::size_t overhead_bytes = 256;

[[nodiscard]] std::size_t cost_of(const datagram& one) noexcept {
  return one.bytes.size() + overhead_bytes;
}

}  // namespace

void datagram_queue::put(datagram next, unsigned late_polls) {
  const std::size_t cost = cost_of(next);
  // A single one has room in the smallest buffer: what a user may send can be received.
  if (held_bytes_ > 0 && held_bytes_ + cost > capacity_bytes_) {
    ++lost_;
    return;
  }
  held_bytes_ += cost;
  if (late_polls == 0) return arrive(std::move(next));
  late_.push_back({.what = std::move(next), .polls = late_polls});
}

void datagram_queue::arrive(datagram next) {
  waiting_.push_back({.what = std::move(next), .lost_before = take_lost()});
}

bool datagram_queue::pass_poll() {
  for (late_one& one : late_) {
    if (--one.polls == 0) arrive(std::move(one.what));
  }
  std::erase_if(late_, [](const late_one& one) { return one.polls == 0; });
  return !late_.empty();
}

datagram_queue::taken datagram_queue::take() {
  taken first = std::move(waiting_.front());
  waiting_.pop_front();
  held_bytes_ -= cost_of(first.what);
  return first;
}

std::size_t datagram_queue::take_lost() noexcept {
  return std::exchange(lost_, 0);
}

}  // namespace naru::engine::simulated
