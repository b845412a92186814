#include "core/latest_box.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace naru::core {

latest_value* latest_box::find(std::uint64_t key) noexcept {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : found->second;
}

bool latest_box::fit(latest_value& value, std::size_t bytes) noexcept {
  if (bytes <= value.capacity && value.bytes != nullptr) return true;
  // Positions and the like vary in size by a few bytes.
  const std::size_t capacity = std::max<std::size_t>(bytes + bytes / 4, 16);
  if (!budget_->try_take(capacity)) return false;
  std::unique_ptr<std::byte[]> larger{new (std::nothrow) std::byte[capacity]};
  if (larger == nullptr) {
    budget_->give_back(capacity);
    return false;
  }
  value.bytes = std::move(larger);
  budget_->give_back(std::exchange(value.capacity, capacity));
  return true;
}

latest_value* latest_box::add(std::uint64_t key, std::size_t bytes) noexcept {
  if (!budget_->try_take(overhead_bytes)) return nullptr;
  auto* const made = new (std::nothrow) latest_value{key, budget_};
  if (made != nullptr && fit(*made, bytes)) {
    try {
      values_.insert_or_assign(key, made);
      return made;
    } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): said below
    }
  }
  if (made != nullptr) {
    free(*made);
  } else {
    budget_->give_back(overhead_bytes);
  }
  return nullptr;
}

std::size_t latest_box::seal(latest_value& value) noexcept {
  const base::mutex_lock hold{mutex_};
  if (!std::exchange(value.sealed, true)) {
    const auto found = values_.find(value.key);
    if (found != values_.end() && found->second == &value) values_.erase(found);
    value.filled = value.size;
  }
  return value.filled;
}

bool latest_box::unseal(latest_value& value) noexcept {
  const base::mutex_lock hold{mutex_};
  try {
    if (!values_.try_emplace(value.key, &value).second) return false;
  } catch (const std::bad_alloc&) {
    return false;
  }
  value.sealed = false;
  return true;
}

bool latest_box::was_renewed(latest_value& value) noexcept {
  const base::mutex_lock hold{mutex_};
  return std::exchange(value.renewed, false);
}

void latest_box::free(latest_value& value) noexcept {
  const std::shared_ptr<base::memory_budget> budget = value.counted_in;
  const std::size_t bytes = value.capacity;
  delete &value;
  budget->give_back(bytes + overhead_bytes);
}

}  // namespace naru::core
