#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <system_error>
#include <vector>

#include "engine/engine.hpp"
#include "engine/simulated/engine_context.hpp"
#include "engine/simulated/link.hpp"

namespace naru::engine::simulated {

/// The receiving direction of a stream. Bytes are taken from the system ahead of being told, and a pause
/// keeps them back. The functions that take a link are called under the lock of the kernel. [worker]
class receive_half {
 public:
  receive_half(engine_context& context, side own) noexcept : context_{context}, own_{own} {}

  void resume() noexcept { paused_ = false; }
  /// A receive that was under way when the pause came may still bring something, which is kept.
  void pause(link* from);  // null while connecting

  /// One poll's worth of progress. True when another poll would bring more.
  bool advance(link& from);
  [[nodiscard]] bool ready_to_hand_out() const noexcept;
  [[nodiscard]] bool ready_to_end() const noexcept;

  // What was ready may no longer be, when an event between has paused: these then do nothing.
  void hand_out(stream_events& events);
  void tell_end(stream_events& events);

 private:
  struct portion {
    std::vector<std::byte> bytes;
    unsigned delay_polls = 0;
  };
  struct stream_end {
    std::error_code error = {};
    unsigned delay_polls = 0;
  };

  void take_portion(link& from);
  void take_what_there_is(link& from);

  engine_context& context_;
  side own_;
  bool paused_ = true;
  bool end_told_ = false;
  std::deque<portion> kept_;
  std::optional<stream_end> end_;
};

}  // namespace naru::engine::simulated
