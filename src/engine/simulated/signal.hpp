#pragma once

#include "base/mutex.hpp"

namespace naru::engine::simulated {

/// How one engine is told that there is something to look at. Everything in it is guarded by the mutex of the
/// kernel. [any]
struct signal {
  base::condition changed;
  bool kicked = false;   ///< something of the engine's sockets has changed since it looked
  bool woken = false;    ///< `engine::wake`: ends a poll, this one or the next
  bool blocked = false;  ///< in `poll`, waiting

  void kick() noexcept {
    kicked = true;
    changed.notify_one();
  }
  void wake() noexcept {
    woken = true;
    changed.notify_one();
  }
  /// Neither doing anything nor about to.
  [[nodiscard]] bool idle() const noexcept { return blocked && !kicked && !woken; }
};

}  // namespace naru::engine::simulated
