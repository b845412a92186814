#pragma once

#include <cstddef>
#include <deque>
#include <memory>

#include <naru/endpoint.hpp>

#include "engine/simulated/link.hpp"
#include "engine/simulated/signal.hpp"

namespace naru::engine::simulated {

/// A bound socket, listening or not, with its accept queue. Guarded by the mutex of the kernel.
struct port {
  endpoint local = {};
  bool ipv6_only = false;
  std::size_t pipe_bytes = 0;  ///< for what accepted streams send
  bool listening = false;
  std::size_t accept_queue_max = 0;
  std::deque<std::shared_ptr<link>> accept_queue = {};
  signal* acceptor = nullptr;  ///< the engine that accepts from it

  /// Both cannot be bound at the same time.
  [[nodiscard]] bool conflicts_with(const port& other) const noexcept;
  /// A connect to this address reaches this socket.
  [[nodiscard]] bool answers(const endpoint& address) const noexcept;

 private:
  [[nodiscard]] bool takes_family(address_family family) const noexcept;
};

/// Where an address is, seen from the simulated host.
enum class whereabouts { here, silent, unreachable };

[[nodiscard]] whereabouts find(const endpoint& address) noexcept;

}  // namespace naru::engine::simulated
