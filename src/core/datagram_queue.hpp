#pragma once

#include <cstddef>
#include <cstdint>

#include <naru/bytes.hpp>

#include "core/latest_box.hpp"
#include "core/message_body.hpp"
#include "core/queue_supply.hpp"

namespace naru::core {

struct rarities;

/// Datagrams of one connection that wait for room, oldest first, each in memory of its own. It takes as
/// little room as can be while it is empty, so that each call says what it lives on: the worker's supply.
/// [worker]
class datagram_queue {
 public:
  datagram_queue() noexcept = default;
  datagram_queue(const datagram_queue&) = delete;
  datagram_queue& operator=(const datagram_queue&) = delete;
  /// It has been emptied.
  ~datagram_queue();

  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  /// The one that has waited longest. Not of an empty queue. One that could be replaced cannot any more,
  /// until `let_replace`.
  [[nodiscard]] bytes_view front(rarities* of) const noexcept;
  void let_replace(rarities* of) const noexcept;
  /// The message that many share, when it is one of these.
  [[nodiscard]] const message_ref* front_shared() const noexcept;
  /// How long the one that has waited longest has. Not of an empty queue.
  [[nodiscard]] std::uint32_t age_ms(rarities* of, const queue_supply& supply) const noexcept;
  /// Brings the oldest one to the front. One that was renewed is younger than what stands behind it.
  void oldest_to_front(rarities* of, const queue_supply& supply) noexcept;

  /// Room for one more, to be filled in at once; null when there is no memory.
  [[nodiscard]] std::byte* push_back(std::size_t bytes, queue_supply& supply) noexcept;
  [[nodiscard]] bool push_back(const message_ref& shared, queue_supply& supply) noexcept;
  [[nodiscard]] bool push_back(latest_value& value, queue_supply& supply) noexcept;
  /// Room for one that is older than all others.
  [[nodiscard]] std::byte* push_front(std::size_t bytes, queue_supply& supply) noexcept;
  void pop_front(queue_supply& supply) noexcept;

 private:
  struct element {
    element* next = nullptr;
    std::size_t bytes = 0;
    std::uint32_t queued_at_ms = 0;
    message_ref shared = {};
    latest_value* latest = nullptr;
  };

  [[nodiscard]] static element* make(std::size_t inline_bytes, queue_supply& supply) noexcept;
  [[nodiscard]] static std::byte* place_of(element& one) noexcept {
    return reinterpret_cast<std::byte*>(&one + 1);
  }
  void link(element& last) noexcept;
  /// `before` is what stands in front of it; null where nothing does.
  [[nodiscard]] element* find_oldest(rarities* of, const queue_supply& supply,
                                     element*& before) const noexcept;

  element* first_ = nullptr;
  element* last_ = nullptr;
};

}  // namespace naru::core
