#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <system_error>

#include <naru/bytes.hpp>

#include "engine/engine.hpp"
#include "engine/simulated/engine_context.hpp"
#include "engine/simulated/in_flight.hpp"
#include "engine/simulated/link.hpp"

namespace naru::engine::simulated {

/// The sending direction of a stream: how sends are answered, and what becomes of the pending one. The
/// functions that take a link are called under the lock of the kernel. [worker]
class send_half {
 public:
  send_half(engine_context& context, side own) noexcept : context_{context}, own_{own} {}

  [[nodiscard]] send_result send(link& to, std::span<const bytes_view> buffers);
  void shutdown(link& to);

  /// One poll's worth of progress of the pending send. True when another poll would bring more.
  bool advance(link& to);
  /// The pending send is over and it is time to say so.
  [[nodiscard]] bool ready() const noexcept { return over_ && delay_polls_ == 0; }
  [[nodiscard]] bool pending() const noexcept { return in_flight_.active(); }
  /// What became of the pending send, which is over.
  [[nodiscard]] stream::finished_send finish() noexcept;
  /// The stream is closed: nothing was touched while it closed.
  void abandon() noexcept { in_flight_.finish(); }

 private:
  [[nodiscard]] std::size_t room(const link& to) const noexcept;
  void take_some(link& to);

  engine_context& context_;
  side own_;
  in_flight in_flight_;
  std::error_code error_ = {};
  unsigned delay_polls_ = 0;
  bool over_ = false;
  bool shut_down_ = false;
  bool failed_ = false;
};

}  // namespace naru::engine::simulated
