#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>

#include <sys/types.h>

#include "support/process_usage.hpp"

namespace naru::bench {

/// What a server uses while a load runs.
class server_usage {
 public:
  /// Of this process; 0: of none.
  explicit server_usage(pid_t server) : server_{server}, memory_bytes_{memory()} {}

  /// Runs `work`, which returns a count of messages, and prints what it took.
  template <typename Work>
  void report(const Work& work) const {
    const auto cpu_before = cpu();
    const auto begin = std::chrono::steady_clock::now();
    const std::uint64_t messages = work();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf(R"({"messages": %llu, "seconds": %.6f, "server_cpu_ns": %lld, "server_growth_bytes": %lld})"
                "\n",
                static_cast<unsigned long long>(messages), took.count(),
                static_cast<long long>((cpu() - cpu_before).count()),
                static_cast<long long>(memory() - memory_bytes_));
    std::fflush(stdout);
  }

 private:
  [[nodiscard]] std::chrono::nanoseconds cpu() const {
    return server_ > 0 ? cpu_time(server_) : std::chrono::nanoseconds{};
  }
  [[nodiscard]] std::int64_t memory() const { return server_ > 0 ? anonymous_bytes(server_) : 0; }

  pid_t server_;
  std::int64_t memory_bytes_;
};

}  // namespace naru::bench
