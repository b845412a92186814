#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include <naru/naru.hpp>

namespace naru::bench {

/// A server on naru, as the benchmarks run it.
struct naru_server {
  transport over = tcp;
  std::uint16_t port = 0;
  network_options network = {.workers = 1};
  bind_options bind = {};
  /// See `benchmark_listener`.
  listen_options listen = {};
};

/// A listener for the peers of a benchmark, who are no strangers, and as many as it likes.
[[nodiscard]] listen_options benchmark_listener();

/// Listens, says where, and serves until a signal ends it. `at_end` is called before it stops.
void serve(
    naru_server server, std::shared_ptr<const handlers> own,
    const std::function<void(const network&)>& at_end = [](const network&) {});

}  // namespace naru::bench
