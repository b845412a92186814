#include "core/hand_over.hpp"

#include <new>
#include <utility>

#include "core/udp_socket.hpp"
#include "core/worker.hpp"

namespace naru::core {

namespace {

/// What a datagram takes beside its own bytes.
constexpr std::size_t overhead_bytes = sizeof(engine::arrival);

}  // namespace

void handed_over::add(const engine::arrival& datagram) {
  datagrams_.push_back(datagram);
  try {
    bytes_.insert(bytes_.end(), datagram.bytes.begin(), datagram.bytes.end());
  } catch (const std::bad_alloc&) {
    datagrams_.pop_back();
    throw;
  }
  counted_bytes_ += datagram.bytes.size() + overhead_bytes;
}

void handed_over::deliver(worker& at) noexcept {
  // Only now: the bytes have moved each time their memory grew.
  const std::byte* place = bytes_.data();
  for (engine::arrival& each : datagrams_) {
    each.bytes = {place, each.bytes.size()};
    place += each.bytes.size();
  }
  lease_->handed_over(to_index_, counted_bytes_);
  if (udp_socket* const part = lease_->part_at(to_index_)) {
    part->take_over(datagrams_);
  } else {
    at.counters().lost_between_workers.add(datagrams_.size());
  }
  delete this;
}

void handed_over::discard() noexcept {
  lease_->handed_over(to_index_, counted_bytes_);
  delete this;
}

hand_overs::~hand_overs() {
  for (handed_over* const each : letters_) {
    if (each != nullptr) each->discard();
  }
}

bool hand_overs::add(std::size_t to_index, const engine::arrival& datagram) noexcept {
  const std::size_t counted = datagram.bytes.size() + overhead_bytes;
  if (!lease_->try_hand_over(to_index, counted)) return false;
  try {
    if (letters_.empty()) letters_.resize(lease_->worker_count());
    handed_over*& letter = letters_[to_index];
    if (letter == nullptr) letter = new handed_over{lease_, to_index};
    letter->add(datagram);
  } catch (const std::bad_alloc&) {
    lease_->handed_over(to_index, counted);
    return false;
  }
  any_ = true;
  return true;
}

void hand_overs::send() noexcept {
  if (!std::exchange(any_, false)) return;
  for (std::size_t i = 0; i < letters_.size(); ++i) {
    handed_over* const letter = std::exchange(letters_[i], nullptr);
    if (letter == nullptr) continue;
    if (!lease_->worker_at(i).mail().push(*letter)) letter->discard();
  }
}

}  // namespace naru::core
