#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <system_error>
#include <utility>

#include "base/intrusive_list.hpp"
#include "base/memory_budget.hpp"
#include "core/latest_box.hpp"
#include "core/timed_task.hpp"

namespace naru::core {

class group_member;

/// What few connections need: made when one first does, so that the others do not carry it.
struct rarities {
  explicit rarities(std::shared_ptr<base::memory_budget> budget) noexcept : latest{std::move(budget)} {}

  // Counted by any thread.
  std::atomic<std::uint64_t> refused = 0;
  std::atomic<std::uint64_t> dropped = 0;
  std::atomic<std::uint64_t> replaced = 0;
  std::atomic<std::uint64_t> lost = 0;
  std::atomic<std::uint64_t> paused = 0;
  std::atomic<std::uint64_t> ignored = 0;
  std::atomic<std::uint64_t> errors = 0;

  /// Messages that wait, where their number has a limit. [any]
  std::atomic<std::size_t> messages = 0;
  /// What other threads have sent and the worker has not counted yet: with `drop_oldest` only it can make
  /// room. [any]
  std::atomic<std::size_t> in_transit_bytes = 0;
  /// A byte has waited for backlog_age_max: nothing more is let in. [any]
  std::atomic<bool> too_old = false;
  latest_box latest;

  /// The groups that the connection is in. [worker]
  group_member* memberships = nullptr;
  /// Its timers. [worker]
  base::intrusive_list<connection_task, timed_tag> timers;
  /// For `on_error`, which waits until no handler runs. The last one stands for those before it. [worker]
  std::error_code untold = {};
  /// What the connection ends with. [worker]
  std::error_code end = {};
};

}  // namespace naru::core
