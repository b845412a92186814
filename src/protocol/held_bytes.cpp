#include "protocol/held_bytes.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace naru::protocol {

bytes_view held_bytes::view() const noexcept {
  if (block_ == nullptr) return {};
  return {block_->bytes() + block_->begin, block_->end - block_->begin};
}

bool held_bytes::append(bytes_view more, std::size_t wanted_bytes, base::memory_budget* budget) noexcept {
  if (more.empty()) return true;
  if (block_ == nullptr || more.size() > block_->capacity - block_->end) {
    // Doubling keeps the copying linear when bytes come one at a time.
    const std::size_t before = view().size();
    const std::size_t needed = before + more.size();
    std::size_t capacity = std::max(needed, 2 * before);
    if (wanted_bytes >= needed) capacity = std::min(capacity, wanted_bytes);
    if (!move_to(std::max(capacity, first_bytes), budget)) return false;
  }
  std::memcpy(block_->bytes() + block_->end, more.data(), more.size());
  block_->end += more.size();
  return true;
}

void held_bytes::fit() noexcept {
  const std::size_t size = view().size();
  if (size == 0) {
    clear();
  } else if (capacity_bytes() > std::max(2 * size, first_bytes)) {
    // Without memory for the smaller block the larger one serves as well.
    static_cast<void>(move_to(std::max(size, first_bytes), block_->budget));
  }
}

void held_bytes::clear() noexcept {
  if (block_ == nullptr) return;
  base::memory_budget* const budget = block_->budget;
  const std::size_t bytes = sizeof(block) + block_->capacity;
  ::operator delete(std::exchange(block_, nullptr));
  if (budget != nullptr) budget->give_back(bytes);
}

bool held_bytes::move_to(std::size_t capacity_bytes, base::memory_budget* budget) noexcept {
  const std::size_t bytes = sizeof(block) + capacity_bytes;
  if (budget != nullptr && !budget->try_take(bytes)) return false;
  void* const memory = ::operator new(bytes, std::nothrow);
  if (memory == nullptr) {
    if (budget != nullptr) budget->give_back(bytes);
    return false;
  }
  const bytes_view held = view();
  auto* const moved =
      new (memory) block{.budget = budget, .capacity = capacity_bytes, .begin = 0, .end = held.size()};
  if (!held.empty()) std::memcpy(moved->bytes(), held.data(), held.size());
  clear();
  block_ = moved;
  return true;
}

}  // namespace naru::protocol
