#include "engine/simulated/datagram_network.hpp"

#include <expected>
#include <system_error>
#include <utility>

#include "engine/simulated/whereabouts.hpp"

namespace naru::engine::simulated {

void datagram_port::receive(datagram next, unsigned late_polls) {
  if (deaf) return;
  queue.put(std::move(next), late_polls);
  if (receiver != nullptr) receiver->kick();
}

result<std::shared_ptr<datagram_port>> datagram_network::bind(const endpoint& local,
                                                              const bind_options& options,
                                                              unsigned socket_count,
                                                              std::size_t queue_bytes) {
  const result<claim> taken = claims_.take(local, options);
  if (!taken) return std::unexpected{taken.error()};
  return ports_.emplace_back(std::make_shared<datagram_port>(*taken, queue_bytes, socket_count));
}

result<std::shared_ptr<datagram_port>> datagram_network::connect(const endpoint& peer,
                                                                 std::size_t queue_bytes) {
  if (peer.family() == address_family::none) return std::unexpected{make_error_code(errc::invalid_endpoint)};
  const endpoint target = concrete(peer);
  if (find(target) == whereabouts::unreachable) {
    return std::unexpected{std::make_error_code(std::errc::network_unreachable)};
  }
  auto connected = bind(loopback(target.family(), 0), {}, 1, queue_bytes);
  if (connected) (*connected)->peer = target;
  return connected;
}

void datagram_network::release(const std::shared_ptr<datagram_port>& port, bool receives) noexcept {
  if (receives) {
    port->deaf = true;
    port->receiver = nullptr;
  }
  if (--port->sockets > 0) return;
  std::erase(ports_, port);
  claims_.give_back(*port);
}

datagram_port* datagram_network::port_for(const endpoint& to, const endpoint& from) const noexcept {
  datagram_port* best = nullptr;
  for (const auto& candidate : ports_) {
    if (!candidate->covers(to)) continue;
    if (candidate->is_connected()) {
      if (candidate->peer == from) return candidate.get();
    } else if (best == nullptr || candidate->local == to) {
      best = candidate.get();
    }
  }
  return best;
}

}  // namespace naru::engine::simulated
