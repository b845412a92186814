#include "core/udp_lease.hpp"

#include <algorithm>
#include <utility>

namespace naru::core {

namespace {

/// Adds to a count that has a limit.
bool try_add(std::atomic<std::size_t>& count, std::size_t more, std::size_t limit) noexcept {
  std::size_t before = count.load(std::memory_order_relaxed);
  do {
    if (more > limit || before > limit - more) return false;
  } while (!count.compare_exchange_weak(before, before + more, std::memory_order_relaxed));
  return true;
}

}  // namespace

udp_lease::udp_lease(const terms& agreed, std::shared_ptr<const profile> common, std::vector<worker*> workers)
    : terms_{agreed},
      common_{std::move(common)},
      workers_{std::move(workers)},
      parts_(workers_.size()),
      in_transit_bytes_(workers_.size()),
      open_{workers_.size()},
      gate_{std::make_shared<admission>(agreed.options.admission, agreed.key)},
      present_{gate_} {}

std::size_t udp_lease::share_of(std::size_t limit) const noexcept {
  return std::max<std::size_t>(limit / workers_.size(), 1);
}

std::size_t udp_lease::index_for(std::uint64_t hash) const noexcept {
  // Of the upper half: the peer table goes by the lower one.
  return static_cast<std::size_t>((hash >> 32) * workers_.size() >> 32);
}

bool udp_lease::try_hand_over(std::size_t index, std::size_t bytes) noexcept {
  return try_add(in_transit_bytes_[index], bytes, hand_over_bytes_max);
}

void udp_lease::handed_over(std::size_t index, std::size_t bytes) noexcept {
  in_transit_bytes_[index].fetch_sub(bytes, std::memory_order_relaxed);
}

}  // namespace naru::core
