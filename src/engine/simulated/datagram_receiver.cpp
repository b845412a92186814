#include "engine/simulated/datagram_receiver.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "engine/simulated/scratch.hpp"

namespace naru::engine::simulated {

bool datagram_receiver::advance(datagram_queue& from) {
  const bool some_are_late = from.pass_poll();
  if (batch_.empty()) {
    take_batch(from);
  } else if (delay_polls_ > 0) {
    --delay_polls_;
  }
  return some_are_late || delay_polls_ > 0;
}

void datagram_receiver::take_batch(datagram_queue& from) {
  const hostility& manners = context_.manners;
  std::size_t count = std::min(from.size(), manners.receive_datagrams_max);
  if (manners.receive_any_size && count > 0) count = context_.chance.between(1, count);
  for (; count > 0; --count) {
    datagram_queue::taken next = from.take();
    lost_.by_system += next.lost_before;
    if (context_.chance.happens(manners.truncate_percent)) {
      ++lost_.truncated;
    } else {
      batch_.push_back(std::move(next.what));
    }
  }
  if (from.size() == 0 && !manners.losses_told_late) lost_.by_system += from.take_lost();
  delay_polls_ = batch_.empty() ? 0 : context_.delay(manners.completion_delay_polls_max);
}

bool datagram_receiver::ready() const noexcept {
  if (!batch_.empty()) return delay_polls_ == 0;
  return lost_.by_system > 0 || lost_.truncated > 0;
}

void datagram_receiver::tell_lost(datagram_events& events) {
  const losses more = std::exchange(lost_, {});
  if (more.by_system > 0 || more.truncated > 0) events.on_lost(more);
}

void datagram_receiver::hand_out(datagram_events& events) {
  if (batch_.empty()) return;
  const std::vector<datagram> batch = std::exchange(batch_, {});
  std::vector<scratch> memory;
  std::vector<arrival> arrivals;
  memory.reserve(batch.size());
  arrivals.reserve(batch.size());
  for (const datagram& one : batch) {
    const scratch& copy = memory.emplace_back(one.bytes, context_.chance);
    arrivals.push_back({.remote = one.remote, .local = one.local, .bytes = copy.bytes()});
  }
  events.on_received(arrivals);
}

}  // namespace naru::engine::simulated
