#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <naru/endpoint.hpp>
#include <naru/error.hpp>
#include <naru/options.hpp>

#include "engine/simulated/claims.hpp"
#include "engine/simulated/datagram_queue.hpp"
#include "engine/simulated/signal.hpp"

namespace naru::engine::simulated {

/// A bound address of UDP and the sockets that share it. One of them receives for all.
struct datagram_port : claim {
  datagram_port(const claim& bound, std::size_t queue_bytes, unsigned socket_count)
      : claim{bound}, queue{queue_bytes}, sockets{socket_count} {}

  endpoint peer = {};  ///< of a connected one
  datagram_queue queue;
  unsigned sockets;            ///< that are not closed
  signal* receiver = nullptr;  ///< the engine that receives from it
  bool deaf = false;           ///< the socket that received is closed: what comes is for nobody

  [[nodiscard]] bool is_connected() const noexcept { return peer.family() != address_family::none; }
  /// A datagram came for it.
  void receive(datagram next, unsigned late_polls);
};

/// What goes by UDP. Guarded by the mutex of the kernel.
class datagram_network {
 public:
  [[nodiscard]] result<std::shared_ptr<datagram_port>> bind(const endpoint& local,
                                                            const bind_options& options,
                                                            unsigned socket_count, std::size_t queue_bytes);
  /// One that exchanges datagrams with this peer only, on a port of its own.
  [[nodiscard]] result<std::shared_ptr<datagram_port>> connect(const endpoint& peer, std::size_t queue_bytes);
  /// One of its sockets is closed, which was perhaps the one that receives. With the last of them the address
  /// is free.
  void release(const std::shared_ptr<datagram_port>& port, bool receives) noexcept;

  /// Who gets what goes from here to there: whoever fits best, or null.
  [[nodiscard]] datagram_port* port_for(const endpoint& to, const endpoint& from) const noexcept;

 private:
  claims claims_;
  std::vector<std::shared_ptr<datagram_port>> ports_;
};

}  // namespace naru::engine::simulated
