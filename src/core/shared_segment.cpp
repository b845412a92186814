#include "core/shared_segment.hpp"

#include <memory>
#include <new>

namespace naru::core {

shared_segment* shared_segment::make(message_ref of, bytes_view framed, queue_supply& supply) noexcept {
  static_assert(sizeof(shared_segment) <= queue_supply::reference_bytes);
  if (!supply.budget().try_take(memory_bytes())) return nullptr;
  void* const place = supply.references().take();
  if (place == nullptr) {
    supply.budget().give_back(memory_bytes());
    return nullptr;
  }
  return ::new (place) shared_segment{std::move(of), framed};
}

void shared_segment::free(queue_supply& supply) noexcept {
  std::destroy_at(this);
  supply.references().give_back(this);
  supply.budget().give_back(memory_bytes());
}

}  // namespace naru::core
