#include "engine/linux/bound_sockets.hpp"

#include <utility>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "engine/linux/datagram_options.hpp"
#include "engine/linux/socket_address.hpp"
#include "engine/linux/socket_options.hpp"

namespace naru::engine {
namespace {

std::error_code bind_to(int socket, const socket_address& address) noexcept {
  return ::bind(socket, address.data(), address.size()) == 0 ? std::error_code{} : last_error();
}

/// SO_REUSEADDR lets a server start again while connections of its last run are in TIME_WAIT (socket(7)), but
/// it also lets two sockets bind the same port as long as neither listens: the second would learn too late
/// that the port is taken. So a socket has it only where it is needed: during a second try at a port that
/// seems taken, which fails against sockets that are bound without it; and from `listen` on, for the
/// connections, which take it over and are what a next run finds.
std::error_code bind_alone(int socket, const socket_address& address) noexcept {
  std::error_code error = bind_to(socket, address);
  if (error != std::errc::address_in_use) return error;
  if (auto refused = set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1)) return refused;
  error = bind_to(socket, address);
  if (error) return error;
  return set_option(socket, SOL_SOCKET, SO_REUSEADDR, 0);
}

/// A socket of this type, made but not bound, for this address: the IPv4 wildcard, where the IPv6 one was
/// asked for and the system has no IPv6.
struct unbound_socket {
  descriptor socket;
  endpoint local;
};

result<unbound_socket> make_socket(int type, endpoint local, const bind_options& options) {
  if (local.family() == address_family::none) return std::unexpected{make_error_code(errc::invalid_endpoint)};
  descriptor socket{::socket(socket_address{local}.family(), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket) {
    const std::error_code error = last_error();
    const bool means_any_address = local == endpoint::any_ipv6(local.port()) && !options.ipv6_only;
    if (error == std::errc::address_family_not_supported && means_any_address) {
      return make_socket(type, endpoint::any_ipv4(local.port()), options);
    }
    return std::unexpected{error};
  }
  if (local.family() == address_family::ipv6) {
    // Said both ways: what holds unsaid is for the system's administrator (net.ipv6.bindv6only, ipv6(7)).
    if (auto error = set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6_only ? 1 : 0)) {
      return std::unexpected{error};
    }
  }
  return unbound_socket{.socket = std::move(socket), .local = local};
}

result<descriptor> duplicate(const descriptor& original) noexcept {
  descriptor copy{::fcntl(original.get(), F_DUPFD_CLOEXEC, 0)};
  if (!copy) return std::unexpected{last_error()};
  return copy;
}

/// One more socket on a port that its sockets share.
result<descriptor> join_port(const endpoint& bound, const bind_options& options) {
  auto made = make_socket(SOCK_DGRAM, bound, options);
  if (!made) return std::unexpected{made.error()};
  const int socket = made->socket.get();
  if (auto error = set_option(socket, SOL_SOCKET, SO_REUSEPORT, 1)) return std::unexpected{error};
  if (auto error = hear_nobody(socket)) return std::unexpected{error};
  if (auto error = bind_to(socket, socket_address{bound})) return std::unexpected{error};
  return std::move(made->socket);
}

}  // namespace

result<bound_socket> bind_stream_socket(const endpoint& local, const bind_options& options) {
  auto made = make_socket(SOCK_STREAM, local, options);
  if (!made) return std::unexpected{made.error()};
  if (auto error = bind_alone(made->socket.get(), socket_address{made->local})) return std::unexpected{error};
  const endpoint bound = local_endpoint_of(made->socket.get());
  return bound_socket{.socket = to_raw_socket(std::move(made->socket)), .local = bound};
}

result<bound_datagrams> bind_datagram_sockets(const endpoint& local, const bind_options& options,
                                              unsigned count) {
  auto first = make_socket(SOCK_DGRAM, local, options);
  if (!first) return std::unexpected{first.error()};
  const descriptor& socket = first->socket;
  // Until all are bound, each bind changes whose peer is whose.
  if (auto error = hear_nobody(socket.get())) return std::unexpected{error};
  if (auto error = bind_to(socket.get(), socket_address{first->local})) return std::unexpected{error};
  bound_datagrams made = {.local = local_endpoint_of(socket.get()), .steered = !options.one_socket};
  // Only now: bound with it, the socket would join a port that another one shares, and a port that is taken
  // would look free (socket(7), SO_REUSEPORT).
  if (made.steered && count > 1) {
    if (auto error = set_option(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1)) return std::unexpected{error};
  }
  std::vector<descriptor> sockets;
  for (unsigned i = 1; i < count; ++i) {
    auto next = made.steered ? join_port(made.local, options) : duplicate(socket);
    if (!next) return std::unexpected{next.error()};
    sockets.push_back(*std::move(next));
  }
  sockets.insert(sockets.begin(), std::move(first->socket));
  for (descriptor& each : sockets) {
    if (auto error = prepare_datagrams(each.get(), made.local)) return std::unexpected{error};
  }
  for (std::size_t i = 0; i < (made.steered ? sockets.size() : 1); ++i) {
    if (auto error = hear_again(sockets[i].get())) return std::unexpected{error};
  }
  for (descriptor& each : sockets) {
    made.sockets.push_back(to_raw_socket(std::move(each)));
  }
  return made;
}

}  // namespace naru::engine
