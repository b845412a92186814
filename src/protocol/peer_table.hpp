#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

#include <naru/endpoint.hpp>

#include "base/assert.hpp"

namespace naru::protocol {

/// Base class of what a `peer_table` finds.
template <typename T>
class table_member {
 public:
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }

 private:
  // T alone derives from it.
  friend T;
  /// Of its endpoint, by a keyed hash: whoever could choose it could make all lookups slow.
  explicit table_member(std::uint64_t hash) noexcept : hash_{hash} {}
  ~table_member() = default;

  template <typename Member>
  friend class peer_table;
  std::uint64_t hash_;
  T* next_ = nullptr;
};

/// Finds members by their endpoints, which are unique: in constant time, in a bucket of one on average. It
/// owns nothing, and takes 8 to 16 bytes for each member beside what these carry themselves.
///
/// T derives from `table_member<T>` and has `endpoint peer_address() const`. [worker]
template <typename T>
class peer_table {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// The one with this endpoint, or null.
  [[nodiscard]] T* find(std::uint64_t hash, const endpoint& peer) const noexcept {
    if (buckets_ == nullptr) return nullptr;
    for (T* each = buckets_[hash & mask_]; each != nullptr; each = link(*each).next_) {
      if (link(*each).hash_ == hash && each->peer_address() == peer) return each;
    }
    return nullptr;
  }

  /// False when there is no memory.
  [[nodiscard]] bool insert(T& member) noexcept {
    NARU_ASSERT(find(link(member).hash_, member.peer_address()) == nullptr, "each endpoint is there once");
    if (size_ > mask_ || buckets_ == nullptr) {
      // Too full is only slow; without any bucket there is no place.
      if (!grow() && buckets_ == nullptr) return false;
    }
    put(buckets_.get(), mask_, member);
    ++size_;
    return true;
  }

  void erase(T& member) noexcept {
    T** place = &buckets_[link(member).hash_ & mask_];
    while (*place != &member) {
      NARU_ASSERT(*place != nullptr, "what is erased is in the table");
      place = &link(**place).next_;
    }
    *place = std::exchange(link(member).next_, nullptr);
    --size_;
  }

 private:
  static constexpr std::size_t first_buckets = 16;

  [[nodiscard]] static table_member<T>& link(T& member) noexcept { return member; }
  [[nodiscard]] static const table_member<T>& link(const T& member) noexcept { return member; }

  static void put(T** buckets, std::size_t mask, T& member) noexcept {
    T*& first = buckets[link(member).hash_ & mask];
    link(member).next_ = std::exchange(first, &member);
  }

  [[nodiscard]] bool grow() noexcept {
    const std::size_t count = buckets_ == nullptr ? first_buckets : (mask_ + 1) * 2;
    std::unique_ptr<T*[]> larger{new (std::nothrow) T* [count] {}};
    if (larger == nullptr) return false;
    for (std::size_t i = 0; buckets_ != nullptr && i <= mask_; ++i) {
      for (T* each = buckets_[i]; each != nullptr;) {
        T& moved = *std::exchange(each, link(*each).next_);
        put(larger.get(), count - 1, moved);
      }
    }
    buckets_ = std::move(larger);
    mask_ = count - 1;
    return true;
  }

  std::unique_ptr<T*[]> buckets_ = nullptr;
  std::size_t mask_ = 0;
  std::size_t size_ = 0;
};

}  // namespace naru::protocol
