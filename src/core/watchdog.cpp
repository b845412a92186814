#include "core/watchdog.hpp"

#include <algorithm>
#include <new>
#include <string>

namespace naru::core {

watchdog::watchdog(std::span<const std::unique_ptr<worker>> workers, const logger& log,
                   std::chrono::milliseconds stall)
    : log_{log}, stall_{stall} {
  for (const auto& each : workers) wards_.push_back({*each});
  thread_ = std::thread{[this] { run(); }};
}

watchdog::~watchdog() {
  {
    const base::mutex_lock hold{mutex_};
    ending_ = true;
    ended_.notify_all();
  }
  thread_.join();
}

void watchdog::run() {
  base::mutex_lock hold{mutex_};
  while (!ending_) {
    hold.unlock();
    const std::chrono::nanoseconds rest = look();
    hold.lock();
    const auto until = std::chrono::steady_clock::now() + rest;
    while (!ending_ && ended_.wait_until(hold, until)) {
    }
  }
}

std::chrono::nanoseconds watchdog::look() noexcept {
  // Whoever begins after this look is not overdue earlier.
  std::chrono::nanoseconds rest = stall_;
  for (ward& each : wards_) {
    const handler_watch& watch = each.at.watch();
    const auto call = watch.look();
    if (!call || call->number == each.told) continue;
    const std::chrono::nanoseconds ran = watch.now() - call->since;
    if (ran > stall_) {
      each.told = call->number;
      tell(each.at, call->running);
    } else {
      rest = std::min(rest, stall_ - ran + std::chrono::microseconds{1});
    }
  }
  return rest;
}

void watchdog::tell(const worker& at, std::uint64_t running) const noexcept {
  if (!log_.wants(log_level::warning)) return;
  try {
    log_.write(log_level::warning, handler_watch::describe(running) + " runs for longer than " +
                                       std::to_string(stall_.count()) + " ms, and holds up worker " +
                                       std::to_string(at.index()));
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): there is nothing to tell it with
  }
}

}  // namespace naru::core
