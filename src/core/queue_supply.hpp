#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <naru/bytes.hpp>

#include "base/block_pool.hpp"
#include "base/free_list.hpp"
#include "base/memory_budget.hpp"
#include "engine/engine.hpp"

namespace naru::core {

class worker;

/// What the send queues of one worker live on: blocks, the network's budget for memory, and the time that
/// they note for their messages. [worker]
class queue_supply {
 public:
  explicit queue_supply(base::memory_budget& budget) noexcept : budget_{budget}, blocks_{budget} {}

  [[nodiscard]] base::block_pool& blocks() noexcept { return blocks_; }
  [[nodiscard]] base::memory_budget& budget() noexcept { return budget_; }
  /// For references to messages that many share: a `shared_segment` each.
  static constexpr std::size_t reference_bytes = 64;
  [[nodiscard]] base::free_list<reference_bytes>& references() noexcept { return references_; }
  /// Where a queue puts what it hands to the system, for the one that does.
  [[nodiscard]] std::span<bytes_view, engine::stream::send_buffers_max> buffers() noexcept {
    return buffers_;
  }
  /// Of a count that the worker began; it comes round after 49 days, so that only differences mean something.
  /// 0 until somebody asks for ages.
  [[nodiscard]] std::uint32_t now_ms() const noexcept {
    if (time_ == nullptr) [[likely]]
      return 0;
    return read_time();
  }
  /// From now on messages are given their time, by the count of this worker.
  void keep_time_of(worker& owner) noexcept { time_ = &owner; }

 private:
  [[nodiscard]] std::uint32_t read_time() const noexcept;

  base::memory_budget& budget_;
  base::block_pool blocks_;
  base::free_list<reference_bytes> references_;
  worker* time_ = nullptr;
  std::array<bytes_view, engine::stream::send_buffers_max> buffers_ = {};
};

}  // namespace naru::core
