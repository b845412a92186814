#pragma once

#include <vector>

#include "engine/datagrams.hpp"
#include "engine/simulated/datagram_queue.hpp"
#include "engine/simulated/engine_context.hpp"

namespace naru::engine::simulated {

/// The receiving direction of a datagram socket: takes batches out of its queue, and tells of them and of
/// what was lost. `advance` is called under the lock of the kernel. [worker]
class datagram_receiver {
 public:
  explicit datagram_receiver(engine_context& context) noexcept : context_{context} {}

  /// One poll's worth of progress. True when another poll would bring more.
  bool advance(datagram_queue& from);
  /// There is something to tell.
  [[nodiscard]] bool ready() const noexcept;
  /// Tells of the losses. Perhaps there are none any more.
  void tell_lost(datagram_events& events);
  /// Hands out the batch. Perhaps there is none.
  void hand_out(datagram_events& events);

 private:
  void take_batch(datagram_queue& from);

  engine_context& context_;
  std::vector<datagram> batch_;
  losses lost_;
  unsigned delay_polls_ = 0;  ///< until the batch is told
};

}  // namespace naru::engine::simulated
