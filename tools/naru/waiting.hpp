#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace naru::program {

/// Sleeps until a stop is asked for.
inline void wait_for_stop(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock{mutex};
  never.wait(lock, stop, [] { return false; });
}

/// Sleeps until a stop is asked for or it is `when`; true if a stop was.
inline bool wait_for_stop_until(const std::stop_token& stop, std::chrono::steady_clock::time_point when) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock{mutex};
  never.wait_until(lock, stop, when, [] { return false; });
  return stop.stop_requested();
}

}  // namespace naru::program
