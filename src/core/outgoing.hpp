#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <naru/bytes.hpp>

#include "base/memory_budget.hpp"
#include "core/segment.hpp"

namespace naru::core {

/// From this size on a message that is moved in stays in the memory it came in. Below, copying it into the
/// queue costs less than an allocation and a buffer of its own.
inline constexpr std::size_t large_message_bytes_min = std::size_t{16} << 10;

/// Copies bytes to a place that has room for them; answers the place behind. (A copy of bytes by an algorithm
/// of the standard library is a loop, with g++ 12.) [any]
inline std::byte* copy_to(std::byte* place, bytes_view bytes) noexcept {
  if (!bytes.empty()) std::memcpy(place, bytes.data(), bytes.size());
  return place + bytes.size();
}

/// A message on its way from the user's call into a queue: the pieces it consists of and, where the user gave
/// it away, how to take the container over. Lives on the caller's stack. [any]
class outgoing {
 public:
  explicit outgoing(std::span<const bytes_view> pieces) noexcept : pieces_{pieces} {
    for (const bytes_view piece : pieces) body_bytes_ += piece.size();
  }
  outgoing(std::span<const bytes_view> pieces, std::vector<std::byte>& container) noexcept
      : outgoing{pieces} {
    vector_ = &container;
  }
  outgoing(std::span<const bytes_view> pieces, std::string& container) noexcept : outgoing{pieces} {
    string_ = &container;
  }

  [[nodiscard]] std::span<const bytes_view> pieces() const noexcept { return pieces_; }
  [[nodiscard]] std::size_t body_bytes() const noexcept { return body_bytes_; }

  [[nodiscard]] bool stays_in_place() const noexcept {
    return (vector_ != nullptr || string_ != nullptr) && body_bytes_ >= large_message_bytes_min;
  }
  /// Takes the container over, and counts it. Null when there is no memory: the container is untouched then.
  [[nodiscard]] std::unique_ptr<large_message> take(base::memory_budget& budget) noexcept {
    if (vector_ != nullptr) return take_from(*vector_, budget);
    return take_from(*string_, budget);
  }
  /// Writes the message with its framing to a place that has room for it.
  void write_framed(std::byte* place, const wrapping& around) const noexcept {
    place = copy_to(place, bytes_view{around.head}.first(around.head_bytes));
    for (const bytes_view piece : pieces_) place = copy_to(place, piece);
    copy_to(place, bytes_view{around.tail}.first(around.tail_bytes));
  }

 private:
  template <typename Container>
  [[nodiscard]] static std::unique_ptr<large_message> take_from(Container& container,
                                                                base::memory_budget& budget) noexcept {
    const std::size_t bytes = sizeof(owned_message<Container>) + container.capacity();
    if (!budget.try_take(bytes)) return nullptr;
    std::unique_ptr<large_message> taken{new (std::nothrow) owned_message<Container>{std::move(container)}};
    if (taken == nullptr) {
      budget.give_back(bytes);
    } else if (budget.is_limited()) {
      taken->counted_in = &budget;
      taken->counted_bytes = bytes;
    }
    return taken;
  }

  std::span<const bytes_view> pieces_;
  std::size_t body_bytes_ = 0;
  std::vector<std::byte>* vector_ = nullptr;
  std::string* string_ = nullptr;
};

}  // namespace naru::core
