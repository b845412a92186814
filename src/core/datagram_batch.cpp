#include "core/datagram_batch.hpp"

#include <new>
#include <utility>

#include "base/assert.hpp"
#include "core/udp_renter.hpp"

namespace naru::core {

std::unique_ptr<datagram_batch> datagram_batch::make() noexcept {
  return std::unique_ptr<datagram_batch>{new (std::nothrow) datagram_batch};
}

void datagram_batch::note(udp_socket& owner, udp_renter& to, bytes_view bytes) noexcept {
  NARU_ASSERT(!is_full() && (owner_ == nullptr || owner_ == &owner), "a batch is one socket's");
  owner_ = &owner;
  const auto index = static_cast<std::uint16_t>(count_++);
  entries_[index] = {.to = &to, .bytes = bytes, .next_to_same = none};
  const std::uint16_t before = to.exchange_last_in_batch(index);
  if (before != udp_renter::not_in_batch) entries_[before].next_to_same = index;
}

std::byte* datagram_batch::add(udp_socket& owner, udp_renter& to, std::size_t bytes) noexcept {
  std::byte* const place = &memory_[used_bytes_];
  note(owner, to, {place, bytes});
  used_bytes_ += bytes;
  return place;
}

void datagram_batch::add(udp_socket& owner, udp_renter& to, const message_ref& shared) noexcept {
  note(owner, to, shared->bytes());
  shared_[shared_count_++] = shared;
}

std::span<const engine::departure> datagram_batch::departures() noexcept {
  std::size_t filled = 0;
  for (std::size_t first = 0; first < count_; ++first) {
    // Each one that was gone through on the way from the first one to its peer has no peer any more.
    for (std::size_t i = first; i != none && entries_[i].to != nullptr; i = entries_[i].next_to_same) {
      udp_renter& peer = *std::exchange(entries_[i].to, nullptr);
      order_[filled] = &peer;
      departures_[filled++] = {.remote = &peer.remote(), .local = &peer.local(), .bytes = entries_[i].bytes};
      peer.exchange_last_in_batch(udp_renter::not_in_batch);
    }
  }
  return std::span{departures_}.first(filled);
}

void datagram_batch::clear() noexcept {
  owner_ = nullptr;
  count_ = 0;
  used_bytes_ = 0;
  while (shared_count_ > 0) shared_[--shared_count_] = {};
}

}  // namespace naru::core
