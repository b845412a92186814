#pragma once

#include <cstddef>
#include <span>
#include <system_error>

#include "engine/datagrams.hpp"
#include "engine/simulated/datagram_errors.hpp"
#include "engine/simulated/datagram_network.hpp"
#include "engine/simulated/engine_context.hpp"

namespace naru::engine::simulated {

/// The sending direction of a datagram socket: how sends are answered, and what becomes of the datagrams on
/// their way. There is always room, but it need not say so. `send` is called under the lock of the kernel.
/// [worker]
class datagram_sender {
 public:
  datagram_sender(engine_context& context, datagram_errors& errors) noexcept
      : context_{context}, errors_{errors} {}

  [[nodiscard]] datagrams_sent send(datagram_network& network, const datagram_port& from,
                                    std::span<const departure> batch);

  /// One poll's worth of progress. True when another poll would bring more.
  bool advance() noexcept;
  /// It is time for on_room.
  [[nodiscard]] bool room_ready() const noexcept { return room_wanted_ && delay_polls_ == 0; }
  void tell_room(datagram_events& events);

 private:
  /// What one send is allowed to take, and what it answers then.
  struct allowance {
    std::size_t count = 0;
    datagrams_sent::status then = datagrams_sent::status::waits;
  };

  [[nodiscard]] allowance draw_allowance(std::size_t wanted);
  [[nodiscard]] std::error_code send_one(datagram_network& network, const datagram_port& from,
                                         const departure& next);
  void pass(datagram_network& network, const endpoint& to, const endpoint& from, bytes_view bytes);
  [[nodiscard]] unsigned draw_lateness() noexcept;

  engine_context& context_;
  datagram_errors& errors_;
  bool starved_ = false;  ///< the last send took nothing on a whim: the next one takes something
  bool room_wanted_ = false;
  unsigned delay_polls_ = 0;  ///< until on_room
};

}  // namespace naru::engine::simulated
