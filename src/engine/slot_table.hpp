#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#include "base/assert.hpp"

namespace naru::engine {

/// Gives objects names that can be handed to the kernel and come back late: a name whose object is gone finds
/// nothing, also when another object lives in its place by then. Pointers and descriptors would find the
/// wrong one. It owns nothing. [worker]
template <typename T>
class slot_table {
 public:
  /// Number of a place in the low half, how often that place was used in the high half.
  using token = std::uint64_t;
  /// Never the name of anything: finds nothing.
  static constexpr token nobody = 0;

  slot_table() { slots_.emplace_back(); }  // place 0, never used, so that `nobody` needs no case of its own

  /// The name of this object from now on; `nobody` when there is no memory.
  [[nodiscard]] token insert(T& object) noexcept {
    if (first_free_ == 0 && !grow()) return nobody;
    const std::uint32_t index = first_free_;
    slot& place = slots_[index];
    first_free_ = place.next_free;
    place.object = &object;
    ++used_;
    return make_token(index, place.generation);
  }

  void erase(token name) noexcept {
    NARU_ASSERT(find(name) != nullptr, "a slot is erased once, by the name that it has now");
    const std::uint32_t index = index_of(name);
    slot& place = slots_[index];
    place.object = nullptr;
    ++place.generation;
    place.next_free = first_free_;
    first_free_ = index;
    --used_;
  }

  /// The object with this name, or null when it is gone.
  [[nodiscard]] T* find(token name) const noexcept {
    const std::uint32_t index = index_of(name);
    NARU_ASSERT(index < slots_.size(), "a name was given by this table");
    const slot& place = slots_[index];
    return place.generation == generation_of(name) ? place.object : nullptr;
  }

  [[nodiscard]] std::size_t size() const noexcept { return used_; }

 private:
  struct slot {
    T* object = nullptr;
    std::uint32_t generation = 0;
    std::uint32_t next_free = 0;
  };

  static constexpr token make_token(std::uint32_t index, std::uint32_t generation) noexcept {
    return token{generation} << 32 | index;
  }
  static constexpr std::uint32_t index_of(token name) noexcept { return static_cast<std::uint32_t>(name); }
  static constexpr std::uint32_t generation_of(token name) noexcept {
    return static_cast<std::uint32_t>(name >> 32);
  }

  [[nodiscard]] bool grow() noexcept {
    try {
      slots_.emplace_back();
    } catch (const std::bad_alloc&) {
      return false;
    }
    first_free_ = static_cast<std::uint32_t>(slots_.size() - 1);
    return true;
  }

  std::vector<slot> slots_ = {};
  std::size_t used_ = 0;
  std::uint32_t first_free_ = 0;
};

}  // namespace naru::engine
