#include "core/admission.hpp"

#include <algorithm>
#include <new>

#include "core/handler_call.hpp"
#include "core/profile.hpp"
#include "core/worker.hpp"
#include "protocol/peer_hash.hpp"

namespace naru::core {

std::size_t admission::address_hash::operator()(const endpoint& address) const noexcept {
  return protocol::peer_hash(key, address);
}

bool admission::try_count() noexcept {
  std::size_t before = connections_.load(std::memory_order_relaxed);
  do {
    if (before >= limits_.max_connections) return false;
  } while (!connections_.compare_exchange_weak(before, before + 1, std::memory_order_relaxed));
  return true;
}

bool admission::try_enter(const endpoint& peer) noexcept {
  const std::size_t limit = limits_.connections_per_address_max;
  if (limit == 0) return true;
  const base::mutex_lock hold{mutex_};
  try {
    std::size_t& count = addresses_[protocol::address_of(peer)];
    if (count == limit) return false;
    ++count;
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void admission::leave(const endpoint& peer) noexcept {
  if (limits_.connections_per_address_max == 0) return;
  const base::mutex_lock hold{mutex_};
  const auto found = addresses_.find(protocol::address_of(peer));
  if (--found->second == 0) addresses_.erase(found);
}

bool admission::try_accept(base::clock::time_point now) noexcept {
  if (limits_.accepts_per_second == 0) return true;
  const base::mutex_lock hold{mutex_};
  rate_at_ = std::max(rate_at_, now);
  return rate_.try_take(rate_at_);
}

void admitted_place::give_up() noexcept {
  if (peer_.family() == address_family::none) return;
  in_.where()->leave(std::exchange(peer_, {}));
  in_.where()->uncount();
}

namespace {

bool is_wanted(worker& at, const profile& common, const endpoint& remote) noexcept {
  const auto& ask = common.callbacks->on_accepting;
  if (!ask) return true;
  bool wanted = false;
  guarded_call(at, newcomer{remote}, "on_accepting", [&] { wanted = ask(remote); });
  return wanted;
}

}  // namespace

bool let_in(worker& at, admission& by, const profile& common, const endpoint& remote) noexcept {
  refusal_counters& refused = at.counters().refused;
  if (common.totals->memory.is_tight()) {
    refused.by_memory.add(1);
    return false;
  }
  if (!by.try_enter(remote)) {
    refused.by_address.add(1);
    return false;
  }
  if (!by.try_accept(at.now())) {
    refused.by_rate.add(1);
  } else if (!is_wanted(at, common, remote)) {
    refused.by_handler.add(1);
  } else {
    return true;
  }
  by.leave(remote);
  return false;
}

}  // namespace naru::core
