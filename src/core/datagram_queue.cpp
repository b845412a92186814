#include "core/datagram_queue.hpp"

#include <cstdlib>
#include <new>

#include "base/assert.hpp"

namespace naru::core {

datagram_queue::~datagram_queue() {
  while (!empty()) pop_front();
}

bytes_view datagram_queue::front() const noexcept {
  NARU_ASSERT(first_ != nullptr, "somebody is in front only of a queue that is not empty");
  return {place_of(*first_), first_->bytes};
}

datagram_queue::element* datagram_queue::make(std::size_t bytes) noexcept {
  void* const memory = std::malloc(sizeof(element) + bytes);
  return memory == nullptr ? nullptr : ::new (memory) element{.next = nullptr, .bytes = bytes};
}

std::byte* datagram_queue::push_back(std::size_t bytes) noexcept {
  element* const made = make(bytes);
  if (made == nullptr) return nullptr;
  (first_ == nullptr ? first_ : last_->next) = made;
  last_ = made;
  return place_of(*made);
}

std::byte* datagram_queue::push_front(std::size_t bytes) noexcept {
  element* const made = make(bytes);
  if (made == nullptr) return nullptr;
  made->next = first_;
  if (first_ == nullptr) last_ = made;
  first_ = made;
  return place_of(*made);
}

void datagram_queue::pop_front() noexcept {
  element* const oldest = first_;
  first_ = oldest->next;
  std::free(oldest);
}

}  // namespace naru::core
