#include "core/udp_peers.hpp"

namespace naru::core {

using standing = udp_renter::standing;

bool udp_peers::add(udp_renter& peer) noexcept {
  if (!table_.insert(peer)) return false;
  add_only(peer);
  return true;
}

void udp_peers::add_only(udp_renter& peer) noexcept {
  if (peer.now_is() == standing::probation) ++on_probation_;
  list_of(peer).push_back(peer);
  ++count_;
}

void udp_peers::remove(udp_renter& peer) noexcept {
  if (peer.now_is() == standing::probation) --on_probation_;
  list::remove(peer);
  --count_;
  if (table_.size() != 0) table_.erase(peer);
}

void udp_peers::heard(udp_renter& peer, time_point now) noexcept {
  if (peer.last_heard() == now) return;  // with the same batch: it is the last one already
  peer.hear(now);
  if (peer.now_is() != standing::admitted && peer.now_is() != standing::confirmed) return;
  list::remove(peer);
  list_of(peer).push_back(peer);
}

void udp_peers::move_to(udp_renter& peer, standing next) noexcept {
  if (peer.now_is() == standing::probation) --on_probation_;
  list::remove(peer);
  peer.become(next);
  list_of(peer).push_back(peer);
}

udp_renter* udp_peers::longest_on_probation() const noexcept {
  return first_of(standing::probation);
}

udp_renter* udp_peers::longest_silent() const noexcept {
  return first_of(standing::admitted);
}

udp_renter* udp_peers::overdue(std::optional<time_point> silent, time_point closing) const noexcept {
  if (udp_renter* const first = first_of(standing::closing);
      first != nullptr && first->last_heard() <= closing) {
    return first;
  }
  if (!silent) return nullptr;
  for (const standing each : {standing::probation, standing::admitted, standing::confirmed}) {
    udp_renter* const first = first_of(each);
    if (first != nullptr && first->last_heard() <= *silent) return first;
  }
  return nullptr;
}

std::optional<udp_peers::time_point> udp_peers::next_overdue(
    std::optional<std::chrono::nanoseconds> silence, std::chrono::nanoseconds closing) const noexcept {
  std::optional<time_point> next;
  const auto consider = [&](standing which, std::chrono::nanoseconds patience) {
    if (const udp_renter* const first = first_of(which)) {
      const time_point due = first->last_heard() + patience;
      if (!next || due < *next) next = due;
    }
  };
  consider(standing::closing, closing);
  if (silence) {
    for (const standing each : {standing::probation, standing::admitted, standing::confirmed}) {
      consider(each, *silence);
    }
  }
  return next;
}

}  // namespace naru::core
