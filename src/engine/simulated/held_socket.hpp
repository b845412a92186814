#pragma once

#include <cstddef>
#include <memory>

#include "engine/raw_socket.hpp"
#include "engine/simulated/datagram_network.hpp"
#include "engine/simulated/kernel.hpp"
#include "engine/simulated/link.hpp"
#include "engine/simulated/port.hpp"

namespace naru::engine::simulated {

/// What is behind a `raw_socket`: a bound port, the accepted end of a link, or one of the datagram sockets on
/// a port. All but one are null.
struct held_socket {
  std::shared_ptr<kernel> system = {};
  std::shared_ptr<port> bound = {};
  std::shared_ptr<link> accepted = {};
  std::shared_ptr<datagram_port> datagrams = {};
  bool first = false;  ///< of the datagram sockets on this port: the one that receives
};

/// Wraps it so that it is closed, in good order, if nobody unwraps it. [any]
[[nodiscard]] raw_socket wrap(held_socket socket);
/// What is inside, which stays there. [any]
[[nodiscard]] const held_socket& peek(const raw_socket& socket) noexcept;
/// Takes out what is inside. [any]
[[nodiscard]] held_socket unwrap(raw_socket socket) noexcept;
/// Closes what was unwrapped and found to be of no use. [any]
void discard(const held_socket& socket, close_mode mode = close_mode::orderly) noexcept;

}  // namespace naru::engine::simulated
