#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "support/process_usage.hpp"
#include "support/quantile.hpp"
#include "support/steady.hpp"

namespace naru::bench {

/// What a load did: how many messages came back, and how long each took, if it was watched.
struct load_done {
  // NOLINTNEXTLINE(google-explicit-constructor): most loads only count
  load_done(std::uint64_t count, std::vector<std::chrono::nanoseconds> times = {})
      : messages{count}, latencies{std::move(times)} {}

  std::uint64_t messages;
  std::vector<std::chrono::nanoseconds> latencies;
};

/// What a server uses while a load runs.
class server_usage {
 public:
  /// Of this process; 0: of none.
  explicit server_usage(pid_t server) : server_{server}, memory_bytes_{memory()} {}

  /// Runs `work`, which returns what it did, and prints what it took.
  template <typename Work>
  void report(const Work& work) const {
    const auto cpu_before = cpu();
    const auto begin = steady::now();
    load_done done = work();
    const std::chrono::duration<double> took = steady::now() - begin;
    const auto cpu_used = cpu() - cpu_before;
    std::printf(R"({"messages": %llu, "seconds": %.6f, "server_cpu_ns": %lld, "server_growth_bytes": %lld)",
                static_cast<unsigned long long>(done.messages), took.count(),
                static_cast<long long>(cpu_used.count()), static_cast<long long>(growth_bytes()));
    if (!done.latencies.empty()) {
      std::printf(R"(, "p50_ns": %lld, "p99_ns": %lld)",
                  static_cast<long long>(quantile(done.latencies, 0.5).count()),
                  static_cast<long long>(quantile(done.latencies, 0.99).count()));
    }
    std::printf("}\n");
    std::fflush(stdout);
  }

  /// The standard input says for how many seconds to load, as often as it likes: reports each time on `work`,
  /// which is given the moment to end at.
  template <typename Work>
  void report_each(const Work& work) const {
    for (double seconds = 0; std::cin >> seconds;) {
      report([&] { return work(after(seconds)); });
    }
  }

  /// How much more memory it has than when this was made.
  [[nodiscard]] std::int64_t growth_bytes() const { return memory() - memory_bytes_; }

 private:
  [[nodiscard]] std::chrono::nanoseconds cpu() const {
    return server_ > 0 ? cpu_time(server_) : std::chrono::nanoseconds{};
  }
  [[nodiscard]] std::int64_t memory() const { return server_ > 0 ? anonymous_bytes(server_) : 0; }

  pid_t server_;
  std::int64_t memory_bytes_;
};

}  // namespace naru::bench
