#include "core/shared_segment.hpp"

#include <new>

namespace naru::core {

shared_segment* shared_segment::make(message_ref of, bytes_view framed,
                                     base::memory_budget& budget) noexcept {
  if (!budget.try_take(memory_bytes())) return nullptr;
  auto* const made = new (std::nothrow) shared_segment{std::move(of), framed};
  if (made == nullptr) budget.give_back(memory_bytes());
  return made;
}

void shared_segment::free(base::memory_budget& budget) noexcept {
  delete this;
  budget.give_back(memory_bytes());
}

}  // namespace naru::core
