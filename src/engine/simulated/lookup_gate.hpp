#pragma once

#include "base/mutex.hpp"

namespace naru::engine::simulated {

/// Holds lookups of a name until a test lets them go. Closed at first. It must be opened before a network
/// whose lookup it holds is stopped. [any]
class lookup_gate {
 public:
  /// Lets go all that wait, and all that come later.
  void open();
  /// Blocks until a lookup waits, or has waited: the moment to do something behind its back.
  void wait_for_lookup();
  /// Blocks the lookup.
  void pass();

 private:
  base::mutex mutex_;
  base::condition changed_;
  bool open_ NARU_GUARDED_BY(mutex_) = false;
  bool arrived_ NARU_GUARDED_BY(mutex_) = false;
};

}  // namespace naru::engine::simulated
