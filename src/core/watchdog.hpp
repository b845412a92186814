#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "base/mutex.hpp"
#include "core/logger.hpp"
#include "core/worker.hpp"

namespace naru::core {

/// A thread that looks at the workers of a network, and says in the log which handler holds one of them up.
/// [any]
class watchdog {
 public:
  /// The workers and the log live longer. Throws std::system_error when there is no thread to be had.
  watchdog(std::span<const std::unique_ptr<worker>> workers, const logger& log,
           std::chrono::milliseconds stall);
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;
  ~watchdog();

 private:
  struct ward {
    const worker& at;
    /// The call that was told last.
    std::uint64_t told = 0;
  };

  void run() NARU_EXCLUDES(mutex_);
  /// Tells of those that are overdue; answers how long nobody else can be.
  [[nodiscard]] std::chrono::nanoseconds look() noexcept;
  void tell(const worker& at, std::uint64_t running) const noexcept;

  std::vector<ward> wards_;
  const logger& log_;
  const std::chrono::milliseconds stall_;
  base::mutex mutex_;
  base::condition ended_;
  bool ending_ NARU_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace naru::core
