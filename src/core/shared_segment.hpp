#pragma once

#include <cstddef>
#include <utility>

#include <naru/bytes.hpp>

#include "core/message_body.hpp"
#include "core/queue_supply.hpp"
#include "core/segment.hpp"

namespace naru::core {

/// A message in one connection's queue whose bytes many connections share. [worker]
struct shared_segment final : segment {
  message_ref body;
  bytes_view wire;

  shared_segment(message_ref of, bytes_view framed) noexcept
      : segment{storage::shared}, body{std::move(of)}, wire{framed} {
    filled = framed.size();
  }

  /// What each takes, roughly as the allocator counts it. What it refers to is counted once, by itself.
  static constexpr std::size_t memory_bytes() noexcept { return sizeof(shared_segment) + 2 * sizeof(void*); }

  /// Null when there is no memory, or none left of the budget.
  [[nodiscard]] static shared_segment* make(message_ref of, bytes_view framed, queue_supply& supply) noexcept;
  void free(queue_supply& supply) noexcept;
};

}  // namespace naru::core
