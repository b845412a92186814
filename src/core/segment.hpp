#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include <naru/bytes.hpp>
#include <naru/framing.hpp>

#include "base/memory_budget.hpp"

namespace naru::core {

/// One element of a send queue.
struct segment {
  enum class storage : unsigned char {
    packed,  ///< many small messages in one block: `packed_segment`
    large,   ///< one that lies in memory of its own: `large_message`
    shared,  ///< one that many connections send: `shared_segment`
    latest,  ///< one that a later one may take the place of: `latest_value`
  };

  segment* next = nullptr;
  storage kind;
  /// When it was queued, in milliseconds of the worker's own count; of packed ones each message has its own.
  std::uint32_t queued_at_ms = 0;
  /// Bytes of it that were put in, and that the system has taken or that were dropped before them.
  std::size_t filled = 0;
  std::size_t sent = 0;

  explicit segment(storage of_kind) noexcept : kind{of_kind} {}
};

/// A message that lies in memory of its own, with what the framing puts around it. It may be made on any
/// thread, and then travels to the queue of its connection. [any]
struct large_message : segment {
  wrapping around = {};
  bytes_view body = {};
  /// What it is counted in; whoever holds the message keeps that alive.
  base::memory_budget* counted_in = nullptr;
  std::size_t counted_bytes = 0;

  large_message() noexcept : segment{storage::large} {}
  large_message(const large_message&) = delete;
  large_message& operator=(const large_message&) = delete;
  virtual ~large_message() {
    if (counted_in != nullptr) counted_in->give_back(counted_bytes);
  }

  void wrap_in(const wrapping& framing) noexcept {
    around = framing;
    filled = around.head_bytes + body.size() + around.tail_bytes;
  }
};

/// One whose bytes a container of the user's holds: `std::vector<std::byte>` or `std::string`.
template <typename Container>
struct owned_message final : large_message {
  Container bytes;

  explicit owned_message(Container&& moved_in) noexcept : bytes{std::move(moved_in)} {
    static_assert(std::is_nothrow_move_constructible_v<Container>);
    body = std::as_bytes(std::span{bytes.data(), bytes.size()});
  }
};

}  // namespace naru::core
