#include <new>
#include <utility>

#include "core/udp_socket.hpp"
#include "protocol/peer_hash.hpp"

namespace naru::core {

void udp_socket::on_received(std::span<const engine::arrival> batch) {
  worker_.assert_here();
  worker_.time_has_passed();
  if (is_listening()) {
    sort(batch);
  } else {
    const auto now = worker_.now();
    for (const engine::arrival& each : batch) {
      if (only_->is_closing()) break;
      only_->count_received(each.bytes.size());
      peers_.heard(*only_, now);
      only_->receive(each);
    }
  }
  push();
}

void udp_socket::sort(std::span<const engine::arrival> batch) noexcept {
  // A peer's datagrams all come in here when the system steers; otherwise its hash says whose it is.
  const bool all_mine = lease_->agreed().steered || lease_->worker_count() == 1;
  now_ = worker_.now();
  for (const engine::arrival& each : batch) {
    const std::uint64_t hash = protocol::peer_hash(lease_->agreed().key, each.remote);
    const std::size_t index = all_mine ? index_ : lease_->index_for(hash);
    if (index == index_) {
      deliver(each, hash);
    } else if (!hand_overs_.add(index, each)) {
      worker_.counters().lost_between_workers.add(1);
    }
  }
  hand_overs_.send();
}

void udp_socket::take_over(std::span<const engine::arrival> batch) noexcept {
  worker_.assert_here();
  now_ = worker_.now();
  for (const engine::arrival& each : batch) {
    deliver(each, protocol::peer_hash(lease_->agreed().key, each.remote));
  }
  push();
}

void udp_socket::deliver(const engine::arrival& datagram, std::uint64_t hash) noexcept {
  if (closing_ || lease_->is_closed()) return;
  udp_renter* const known = peers_.find(hash, datagram.remote);
  if (known != nullptr && !known->connection_shell().accepts_sends() && !known->is_closing()) [[unlikely]] {
    // Another thread has closed it, and its letter is still on the way: what it sent before goes first.
    worker_.take_in_mail();
    known->close();
  }
  if (known == nullptr || known->is_closing()) [[unlikely]] {
    welcome(datagram, hash, known);
  } else {
    deliver_to(*known, datagram);
  }
}

void udp_socket::welcome(const engine::arrival& datagram, std::uint64_t hash, udp_renter* former) noexcept {
  if (ignored_.contains(hash, datagram.remote, now_)) {
    worker_.counters().strangers_refused.add(1);
    return;
  }
  if (former != nullptr) {
    // What it had to say has gone with this, or is lost: the address belongs to its next connection.
    push();
    former->finish();
  }
  if (closing_ || lease_->is_closed()) return;
  if (!let_in(worker_, *lease_->gate(), common_, datagram.remote)) return;
  if (closing_ || lease_->is_closed()) {  // by on_accepting
    lease_->gate()->leave(datagram.remote);
    return;
  }
  udp_renter* const peer = make_renter(datagram, hash);
  if (peer == nullptr) return;
  peer->count_received(datagram.bytes.size());
  peer->greet();
  if (!lease_->is_closed()) peer->receive(datagram);
}

void udp_socket::deliver_to(udp_renter& peer, const engine::arrival& datagram) noexcept {
  peer.count_received(datagram.bytes.size());
  peers_.heard(peer, now_);
  if (datagram.local != peer.local() && datagram.local.family() != address_family::none) [[unlikely]] {
    push();
    peer.connection_shell().move_to(datagram.local);
  }
  if (peer.now_is() == udp_renter::standing::probation) [[unlikely]]
    try_admit(peer);
  peer.receive(datagram);
  // To one that is on probation still, more may go now that more has come.
  if (peer.has_queued()) [[unlikely]]
    wait_for_room(peer);
}

udp_renter* udp_socket::make_renter(const engine::arrival& datagram, std::uint64_t hash) noexcept {
  if (peers_.on_probation() >= lease_->share_of(lease_->strangers().probation_max)) {
    udp_renter& oldest = *peers_.longest_on_probation();
    oldest.fail({close_cause::evicted});
    oldest.finish();
  }
  auto made = shell::make(lease_->common(), worker_.shared_mail(), shell::role::renter);
  if (made != nullptr) made->set_endpoints(datagram.remote, datagram.local);
  auto* const peer = made == nullptr ? nullptr
                                     : new (std::nothrow)
                                           udp_renter{*this, made, udp_renter::standing::probation, hash};
  if (peer == nullptr || !peer->begin_watch() || !peers_.add(*peer)) {
    // No user has seen it: it goes without a word to its handlers.
    worker_.counters().accept_failures.add(1);
    lease_->gate()->leave(datagram.remote);
    if (peer != nullptr) made->detach();
    delete peer;
    return nullptr;
  }
  worker_.load().fetch_add(1, std::memory_order_relaxed);
  worker_.counters().accepted.add(1);
  arm_clock();
  return peer;
}

void udp_socket::try_admit(udp_renter& one) noexcept {
  if (!admissions_.try_take(now_)) return;
  if (!lease_->gate()->try_count()) {
    udp_renter* const silent = evict_longest_silent();
    if (silent != nullptr) silent->finish();
    // Its on_closed may have closed or confirmed this one.
    const bool still_waits = one.now_is() == udp_renter::standing::probation;
    if (silent == nullptr || !still_waits || !lease_->gate()->try_count()) {
      admissions_.give_back();
      return;
    }
  }
  leave_probation(one, one.is_known() ? udp_renter::standing::confirmed : udp_renter::standing::admitted);
}

void udp_socket::leave_probation(udp_renter& one, udp_renter::standing next) noexcept {
  peers_.move_to(one, next);
  one.lift_limit();
  if (one.has_queued()) wait_for_room(one);
}

udp_renter* udp_socket::evict_longest_silent() noexcept {
  udp_renter* const silent = peers_.longest_silent();
  if (silent != nullptr) silent->fail({close_cause::evicted});
  return silent;
}

void udp_socket::confirm(udp_renter& one) noexcept {
  if (!is_listening() || one.is_closing() || one.now_is() == udp_renter::standing::confirmed) return;
  if (one.now_is() == udp_renter::standing::probation) {
    // Who goes for it is finished later: this may be a handler's call.
    if (!lease_->gate()->try_count() && (evict_longest_silent() == nullptr || !lease_->gate()->try_count())) {
      one.note_known();
    } else {
      leave_probation(one, udp_renter::standing::confirmed);
    }
    return;
  }
  peers_.move_to(one, udp_renter::standing::confirmed);
}

void udp_socket::on_lost(const engine::losses& more) {
  worker_.counters().lost_by_system.add(more.by_system);
  worker_.counters().truncated.add(more.truncated);
}

void udp_socket::on_error(std::error_code error, const endpoint& /*remote*/) {
  worker_.assert_here();
  if (is_listening()) {
    // An ICMP error concerns one peer, who perhaps never existed: anybody can have it sent. The socket is
    // everybody's, and goes on (tokio #2017; Windows tells WSAECONNRESET here).
    worker_.counters().errors.add(1);
  } else if (!only_->is_closing()) {
    only_->note_error(error);
  }
}

}  // namespace naru::core
