#pragma once

#include "engine/linux/descriptor.hpp"

namespace naru::engine {

/// A descriptor kept for the time when no other is left. A peer that waits then cannot be accepted, and would
/// neither be served nor told; with the reserve given up for a moment it can be, and is turned away. One for
/// each engine. [worker]
class accept_reserve {
 public:
  /// Takes a descriptor, if there is none yet and the system gives one.
  void fill() noexcept;

  /// Turns away the peer that has waited longest at this listening socket, by a reset: an orderly end would
  /// look like an answer. Does nothing without a reserve, or when nobody waits.
  void turn_away_one(int listener) noexcept;

 private:
  descriptor spare_ = {};
};

}  // namespace naru::engine
