#include "engine/linux/datagram_options.hpp"

#include <algorithm>
#include <limits>

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include "engine/linux/descriptor.hpp"
#include "engine/linux/socket_address.hpp"
#include "engine/linux/socket_options.hpp"

namespace naru::engine {

std::error_code prepare_datagrams(int socket, const endpoint& local) noexcept {
  // What a system without these does not say is not known, and nothing else is different.
  static_cast<void>(set_option(socket, SOL_UDP, UDP_GRO, 1));
  static_cast<void>(set_option(socket, SOL_SOCKET, SO_RXQ_OVFL, 1));
  if (!local.is_wildcard()) return {};
  // Bound to every address, only each datagram itself knows which of them it was sent to.
  const int family = socket_family_of(socket);
  if (family == AF_INET) return set_option(socket, IPPROTO_IP, IP_PKTINFO, 1);
  // Of an IPv4 datagram only this tells the address to answer a broadcast from; an IPv6-only socket gets
  // none.
  static_cast<void>(set_option(socket, IPPROTO_IP, IP_PKTINFO, 1));
  return set_option(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

std::error_code hear_nobody(int socket) noexcept {
  sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
  const sock_fprog program = {.len = 1, .filter = &drop};
  if (::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) return last_error();
  return {};
}

std::error_code hear_again(int socket) noexcept {
  return set_option(socket, SOL_SOCKET, SO_DETACH_FILTER, 0);
}

void apply(const datagram_options& options, int socket) noexcept {
  if (options.receive_buffer_bytes == 0) return;
  constexpr std::size_t highest = std::numeric_limits<int>::max() / 2;
  const auto bytes = static_cast<int>(std::min(options.receive_buffer_bytes, highest));
  // Above net.core.rmem_max for who may; for others as much of it as they may have (socket(7)).
  if (set_option(socket, SOL_SOCKET, SO_RCVBUFFORCE, bytes)) {
    static_cast<void>(set_option(socket, SOL_SOCKET, SO_RCVBUF, bytes));
  }
}

}  // namespace naru::engine
