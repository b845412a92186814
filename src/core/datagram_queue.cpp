#include "core/datagram_queue.hpp"

#include <cstdlib>
#include <new>
#include <utility>

#include "base/assert.hpp"
#include "core/rarities.hpp"

namespace naru::core {

datagram_queue::~datagram_queue() {
  NARU_ASSERT(empty(), "a queue of datagrams is emptied before it goes");
}

bytes_view datagram_queue::front(rarities* of) const noexcept {
  NARU_ASSERT(first_ != nullptr, "somebody is in front only of a queue that is not empty");
  if (first_->latest != nullptr) {
    const std::size_t bytes = of->latest.seal(*first_->latest);
    return {first_->latest->bytes.get(), bytes};
  }
  if (first_->shared.get() != nullptr) return first_->shared->bytes();
  return {place_of(*first_), first_->bytes};
}

void datagram_queue::let_replace(rarities* of) const noexcept {
  if (first_->latest != nullptr) of->latest.unseal(*first_->latest);
}

const message_ref* datagram_queue::front_shared() const noexcept {
  return first_->shared.get() == nullptr ? nullptr : &first_->shared;
}

datagram_queue::element* datagram_queue::find_oldest(rarities* of, const queue_supply& supply,
                                                     element*& before) const noexcept {
  const std::uint32_t now = supply.now_ms();
  element* oldest = nullptr;
  element* former = nullptr;
  for (element* each = first_; each != nullptr; former = each, each = each->next) {
    if (each->latest != nullptr && of->latest.was_renewed(*each->latest)) each->queued_at_ms = now;
    if (oldest == nullptr || now - each->queued_at_ms > now - oldest->queued_at_ms) {
      oldest = each;
      before = former;
    }
    if (each->latest == nullptr) break;  // what follows came later
  }
  return oldest;
}

std::uint32_t datagram_queue::age_ms(rarities* of, const queue_supply& supply) const noexcept {
  element* before = nullptr;
  return supply.now_ms() - find_oldest(of, supply, before)->queued_at_ms;
}

void datagram_queue::oldest_to_front(rarities* of, const queue_supply& supply) noexcept {
  element* before = nullptr;
  element* const oldest = find_oldest(of, supply, before);
  if (before == nullptr) return;
  before->next = oldest->next;
  if (last_ == oldest) last_ = before;
  oldest->next = std::exchange(first_, oldest);
}

datagram_queue::element* datagram_queue::make(std::size_t inline_bytes, queue_supply& supply) noexcept {
  const std::size_t bytes = sizeof(element) + inline_bytes;
  if (!supply.budget().try_take(bytes)) return nullptr;
  void* const memory = std::malloc(bytes);
  if (memory == nullptr) {
    supply.budget().give_back(bytes);
    return nullptr;
  }
  auto* const made = ::new (memory) element{};
  made->bytes = inline_bytes;
  made->queued_at_ms = supply.now_ms();
  return made;
}

void datagram_queue::link(element& last) noexcept {
  (first_ == nullptr ? first_ : last_->next) = &last;
  last_ = &last;
}

std::byte* datagram_queue::push_back(std::size_t bytes, queue_supply& supply) noexcept {
  element* const made = make(bytes, supply);
  if (made == nullptr) return nullptr;
  link(*made);
  return place_of(*made);
}

bool datagram_queue::push_back(const message_ref& shared, queue_supply& supply) noexcept {
  element* const made = make(0, supply);
  if (made == nullptr) return false;
  made->shared = shared;
  link(*made);
  return true;
}

bool datagram_queue::push_back(latest_value& value, queue_supply& supply) noexcept {
  element* const made = make(0, supply);
  if (made == nullptr) return false;
  made->latest = &value;
  link(*made);
  return true;
}

std::byte* datagram_queue::push_front(std::size_t bytes, queue_supply& supply) noexcept {
  element* const made = make(bytes, supply);
  if (made == nullptr) return nullptr;
  made->next = first_;
  if (first_ == nullptr) last_ = made;
  first_ = made;
  return place_of(*made);
}

void datagram_queue::pop_front(queue_supply& supply) noexcept {
  element* const oldest = first_;
  first_ = oldest->next;
  if (first_ == nullptr) last_ = nullptr;
  const std::size_t bytes = sizeof(element) + oldest->bytes;
  if (oldest->latest != nullptr) latest_box::free(*oldest->latest);
  oldest->~element();
  std::free(oldest);
  supply.budget().give_back(bytes);
}

}  // namespace naru::core
