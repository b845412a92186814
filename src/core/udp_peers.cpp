#include "core/udp_peers.hpp"

namespace naru::core {

using standing = udp_renter::standing;

bool udp_peers::add(udp_renter& peer) noexcept {
  if (!table_.insert(peer)) return false;
  add_only(peer);
  return true;
}

void udp_peers::add_only(udp_renter& peer) noexcept {
  if (peer.now_is() == standing::probation) count_on_probation();
  list_of(peer).push_back(peer);
  by_silence_.push_back(peer);
  ++count_;
}

void udp_peers::remove(udp_renter& peer) noexcept {
  if (peer.now_is() == standing::probation) uncount_on_probation();
  list::remove(peer);
  silence_list::remove(peer);
  --count_;
  if (peer.now_is() != standing::leaving) take_out_of_table(peer);
}

void udp_peers::take_out_of_table(udp_renter& peer) noexcept {
  if (table_.size() != 0) table_.erase(peer);
}

void udp_peers::begin_to_leave(udp_renter& peer) noexcept {
  silence_list::remove(peer);
  take_out_of_table(peer);
  move_to(peer, standing::leaving);
}

void udp_peers::count_on_probation() noexcept {
  ++on_probation_;
  counted_on_probation_.add(1);
}

void udp_peers::uncount_on_probation() noexcept {
  --on_probation_;
  counted_on_probation_.subtract(1);
}

void udp_peers::heard(udp_renter& peer, time_point now) noexcept {
  if (peer.last_heard() == now) return;  // with the same batch: it is the last one already
  peer.hear(now);
  silence_list::remove(peer);
  by_silence_.push_back(peer);
  if (peer.now_is() != standing::admitted) return;
  list::remove(peer);
  list_of(peer).push_back(peer);
}

void udp_peers::move_to(udp_renter& peer, standing next) noexcept {
  if (peer.now_is() == standing::probation) uncount_on_probation();
  list::remove(peer);
  peer.become(next);
  list_of(peer).push_back(peer);
}

void udp_peers::begin_to_close(udp_renter& peer, time_point now) noexcept {
  silence_list::remove(peer);
  move_to(peer, standing::closing);
  peer.hear(now);
}

udp_renter* udp_peers::longest_on_probation() const noexcept {
  return first_of(standing::probation);
}

udp_renter* udp_peers::longest_silent() const noexcept {
  return first_of(standing::admitted);
}

udp_renter* udp_peers::overdue(std::optional<time_point> silent, time_point closing) const noexcept {
  udp_renter* const closes = first_of(standing::closing);
  if (closes != nullptr && closes->last_heard() <= closing) return closes;
  udp_renter* const quiet = by_silence_.front();
  if (silent && quiet != nullptr && quiet->last_heard() <= *silent) return quiet;
  return nullptr;
}

std::optional<udp_peers::time_point> udp_peers::next_overdue(
    std::optional<std::chrono::nanoseconds> silence, std::chrono::nanoseconds closing) const noexcept {
  std::optional<time_point> next;
  const auto consider = [&](const udp_renter* first, std::chrono::nanoseconds patience) {
    if (first != nullptr && (!next || first->last_heard() + patience < *next)) {
      next = first->last_heard() + patience;
    }
  };
  consider(first_of(standing::closing), closing);
  if (silence) consider(by_silence_.front(), *silence);
  return next;
}

}  // namespace naru::core
