#pragma once

#include <cstddef>
#include <deque>
#include <memory>

#include "engine/simulated/claims.hpp"
#include "engine/simulated/link.hpp"
#include "engine/simulated/signal.hpp"

namespace naru::engine::simulated {

/// A bound stream socket, listening or not, with its accept queue. Guarded by the mutex of the kernel.
struct port : claim {
  std::size_t pipe_bytes = 0;  ///< for what accepted streams send
  bool listening = false;
  std::size_t accept_queue_max = 0;
  std::deque<std::shared_ptr<link>> accept_queue = {};
  signal* acceptor = nullptr;  ///< the engine that accepts from it
};

}  // namespace naru::engine::simulated
