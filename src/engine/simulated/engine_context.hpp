#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <system_error>
#include <thread>

#include "engine/simulated/faults.hpp"
#include "engine/simulated/hostility.hpp"
#include "engine/simulated/kernel.hpp"
#include "engine/simulated/random.hpp"
#include "engine/simulated/signal.hpp"
#include "engine/simulated/world.hpp"

namespace naru::engine::simulated {

/// What an engine and its sockets have in common. [worker], but for what is said to be otherwise
struct engine_context {
  engine_context(std::shared_ptr<world> where, const hostility& how, std::uint64_t seed,
                 std::shared_ptr<fault_plan> plan)
      : shared_world{std::move(where)},
        system{*shared_world->shared_kernel()},
        manners{how},
        chance{seed},
        faults{std::move(plan)} {}

  std::shared_ptr<world> shared_world;
  kernel& system;
  const hostility manners;
  random chance;
  std::shared_ptr<fault_plan> faults;  ///< of the platform
  signal wake_up;                      ///< guarded by the mutex of the kernel
  std::atomic<std::thread::id> owner = {};
  bool in_poll = false;

  /// The failure that was ordered for this operation, if there is one.
  [[nodiscard]] std::error_code fault(operation what) {
    const std::error_code own = faults->take(what);
    return own ? own : shared_world->faults().take(what);
  }

  /// In how many polls something happens.
  [[nodiscard]] unsigned delay(unsigned polls_max) noexcept {
    return static_cast<unsigned>(chance.between(0, polls_max));
  }

  /// The caller is the worker. Nobody is, before the first poll.
  void require_worker() const noexcept;
  void enter_poll() noexcept;
  void leave_poll() noexcept { in_poll = false; }
};

}  // namespace naru::engine::simulated
