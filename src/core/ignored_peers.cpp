#include "core/ignored_peers.hpp"

#include <algorithm>
#include <new>

namespace naru::core {

ignored_peers::~ignored_peers() {
  while (entry* const one = in_order_.front()) forget(*one);
}

void ignored_peers::add(std::uint64_t hash, const endpoint& peer, time_point until) noexcept {
  if (entry* const known = table_.find(hash, peer)) {
    known->until = std::max(known->until, until);
    return;
  }
  if (table_.size() == count_max) forget(*in_order_.front());
  auto* const made = new (std::nothrow) entry{hash, peer, until};
  if (made == nullptr) return;
  if (!table_.insert(*made)) {
    delete made;
    return;
  }
  in_order_.push_back(*made);
}

bool ignored_peers::contains(std::uint64_t hash, const endpoint& peer, time_point now) noexcept {
  if (table_.size() == 0) return false;
  entry* const found = table_.find(hash, peer);
  if (found == nullptr) return false;
  if (now < found->until) return true;
  forget(*found);
  return false;
}

void ignored_peers::forget(entry& one) noexcept {
  table_.erase(one);
  delete &one;
}

}  // namespace naru::core
