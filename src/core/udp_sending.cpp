#include <chrono>

#include "core/datagram_batch.hpp"
#include "core/udp_socket.hpp"

namespace naru::core {

namespace {

/// After the system refused to send for lack of room, and will not tell when there is some.
constexpr std::chrono::milliseconds retry_delay{10};
/// How many datagrams of one peer go before it is the turn of others.
constexpr std::size_t datagrams_a_turn = 16;

}  // namespace

bool udp_socket::claim_batch() noexcept {
  if (!can_send()) return false;
  datagram_batch& batch = worker_.datagrams();
  if (batch.owner() != this && batch.owner() != nullptr) {
    batch.owner()->push();
  } else if (batch.is_full()) {
    push();
    if (!can_send()) return false;
  }
  return true;
}

std::byte* udp_socket::gather(udp_renter& from, std::size_t bytes) noexcept {
  return claim_batch() ? worker_.datagrams().add(*this, from, bytes) : nullptr;
}

bool udp_socket::gather(udp_renter& from, const message_ref& shared) noexcept {
  if (!claim_batch()) return false;
  worker_.datagrams().add(*this, from, shared);
  return true;
}

void udp_socket::push() noexcept {
  datagram_batch& batch = worker_.datagrams();
  if (batch.owner() != this) return;
  const std::span<const engine::departure> all = batch.departures();
  std::size_t done = 0;
  while (done < all.size() && can_send()) {
    const engine::datagrams_sent sent = datagrams_->send(all.subspan(done));
    for (const std::size_t end = done + sent.count; done < end; ++done) {
      batch.to(done).departed(all[done].bytes.size());
    }
    switch (sent.state) {
      case engine::datagrams_sent::status::taken:
        break;
      case engine::datagrams_sent::status::waits:
        waits_for_room_ = true;
        break;
      case engine::datagrams_sent::status::no_room:
        retrying_ = true;
        worker_.timers().arm(retry_timer_, worker_.now() + retry_delay);
        break;
      case engine::datagrams_sent::status::failed:
        batch.to(done).not_sent(all[done].bytes.size(), sent.error);
        ++done;
        break;
    }
  }
  // The newest first, since each goes before what its peer has in the queue.
  for (std::size_t rest = all.size(); rest > done; --rest) {
    batch.to(rest - 1).keep(all[rest - 1].bytes);
  }
  batch.clear();
}

void udp_socket::wait_for_room(udp_renter& one) noexcept {
  if (waiting_list::is_linked(one)) return;
  waiting_.push_back(one);
  // There may be room: then what it waited for was something else, and it goes at the end of the turn.
  if (can_send()) worker_.settle_later(one);
}

void udp_socket::serve_waiting() noexcept {
  while (can_send()) {
    udp_renter* const next = waiting_.pop_front();
    if (next == nullptr) break;
    // It is back already when a push has left it something.
    if (next->serve_queue(datagrams_a_turn) && !waiting_list::is_linked(*next)) waiting_.push_back(*next);
  }
  push();
}

void udp_socket::on_room() {
  worker_.assert_here();
  waits_for_room_ = false;
  serve_waiting();
}

void udp_socket::retry() noexcept {
  retrying_ = false;
  serve_waiting();
}

}  // namespace naru::core
