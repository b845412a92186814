#pragma once

#include <cstddef>
#include <utility>

#include <naru/bytes.hpp>

#include "base/memory_budget.hpp"

namespace naru::protocol {

/// Bytes of a stream that have to wait: the beginning of a split message, or what came after a pause. One
/// block of memory while there are any, none otherwise, so that a connection between messages pays one
/// pointer. The memory grows with what is appended, to at most twice of it (but for a first block of
/// first_bytes). [worker]
class held_bytes {
 public:
  static constexpr std::size_t first_bytes = 24;

  held_bytes() noexcept = default;
  held_bytes(held_bytes&& other) noexcept : block_{std::exchange(other.block_, nullptr)} {}
  held_bytes& operator=(held_bytes&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~held_bytes() { clear(); }

  [[nodiscard]] bool empty() const noexcept { return view().empty(); }
  [[nodiscard]] bytes_view view() const noexcept;
  /// Of the memory that is set aside.
  [[nodiscard]] std::size_t capacity_bytes() const noexcept {
    return block_ == nullptr ? 0 : block_->capacity;
  }

  /// Copies `more` behind what is held. When `wanted_bytes` is not 0, so much will be held in the end and no
  /// more, hence no more is set aside. False when there is no memory: nothing has changed then.
  ///
  /// The memory is counted in the budget, where there is one, which lives longer than this.
  [[nodiscard]] bool append(bytes_view more, std::size_t wanted_bytes,
                            base::memory_budget* budget = nullptr) noexcept;

  /// Forgets the first bytes. They stay readable until the next `append`, `fit` or `clear`.
  void drop_front(std::size_t bytes) noexcept { block_->begin += bytes; }

  /// Gives back memory that what is held does not need.
  void fit() noexcept;

  void clear() noexcept;

 private:
  /// The head of the memory; the bytes follow it.
  struct block {
    base::memory_budget* budget;
    std::size_t capacity;
    std::size_t begin;
    std::size_t end;

    [[nodiscard]] std::byte* bytes() noexcept { return reinterpret_cast<std::byte*>(this + 1); }
  };

  /// Moves what is held into a new block. False when there is no memory.
  [[nodiscard]] bool move_to(std::size_t capacity_bytes, base::memory_budget* budget) noexcept;

  block* block_ = nullptr;
};

}  // namespace naru::protocol
