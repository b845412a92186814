#pragma once

#include <atomic>
#include <cstdint>
#include <system_error>

namespace naru::core {

/// What went wrong with one connection: made when something first does, since with most connections nothing
/// ever does.
struct mishaps {
  // Counted by any thread.
  std::atomic<std::uint64_t> refused = 0;
  std::atomic<std::uint64_t> dropped = 0;
  std::atomic<std::uint64_t> replaced = 0;
  std::atomic<std::uint64_t> lost = 0;
  std::atomic<std::uint64_t> paused = 0;
  std::atomic<std::uint64_t> ignored = 0;
  std::atomic<std::uint64_t> errors = 0;
  /// For `on_error`, which waits until no handler runs. The last one stands for those before it. [worker]
  std::error_code untold = {};
  /// What the connection ends with. [worker]
  std::error_code end = {};
};

}  // namespace naru::core
