#include "engine/linux/bound_sockets.hpp"

#include <utility>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "engine/linux/datagram_options.hpp"
#include "engine/linux/socket_address.hpp"
#include "engine/linux/socket_options.hpp"
#include "engine/wildcard.hpp"

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

/// A socket of this type for this address, made but not bound.
result<descriptor> make_socket(int type, const endpoint& local, const bind_options& options) {
  descriptor socket{::socket(socket_address{local}.family(), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket) return std::unexpected{last_error()};
  if (local.family() == address_family::ipv6) {
    // Said both ways: what holds unsaid is for the system's administrator (net.ipv6.bindv6only, ipv6(7)).
    if (auto error = set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6_only ? 1 : 0)) {
      return std::unexpected{error};
    }
  }
  return socket;
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
  const int socket = made->get();
  if (auto error = set_option(socket, SOL_SOCKET, SO_REUSEPORT, 1)) return std::unexpected{error};
  if (auto error = hear_nobody(socket)) return std::unexpected{error};
  if (auto error = bind_to(socket, socket_address{bound})) return std::unexpected{error};
  return made;
}

/// The first socket of a port. Until all are bound, each bind changes whose peer is whose: nobody is heard.
result<descriptor> open_port(const endpoint& local, const bind_options& options) {
  auto made = make_socket(SOCK_DGRAM, local, options);
  if (!made) return made;
  if (auto error = hear_nobody(made->get())) return std::unexpected{error};
  if (auto error = bind_to(made->get(), socket_address{local})) return std::unexpected{error};
  return made;
}

result<descriptor> bind_stream_alone(const endpoint& local, const bind_options& options) {
  auto made = make_socket(SOCK_STREAM, local, options);
  if (!made) return made;
  if (auto error = bind_alone(made->get(), socket_address{local})) return std::unexpected{error};
  return made;
}

}  // namespace

result<bound_socket> bind_stream_socket(const endpoint& local, const bind_options& options) {
  auto made = bind_or_fall_back(local, options,
                                [&](const endpoint& where) { return bind_stream_alone(where, options); });
  if (!made) return std::unexpected{made.error()};
  const endpoint bound = local_endpoint_of(made->get());
  return bound_socket{.socket = to_raw_socket(*std::move(made)), .local = bound};
}

result<bound_datagrams> bind_datagram_sockets(const endpoint& local, const bind_options& options,
                                              unsigned count) {
  auto first =
      bind_or_fall_back(local, options, [&](const endpoint& where) { return open_port(where, options); });
  if (!first) return std::unexpected{first.error()};
  bound_datagrams made = {.local = local_endpoint_of(first->get()), .steered = !options.one_socket};
  // Only now: bound with it, the socket would join a port that another one shares, and a port that is taken
  // would look free (socket(7), SO_REUSEPORT).
  if (made.steered && count > 1) {
    if (auto error = set_option(first->get(), SOL_SOCKET, SO_REUSEPORT, 1)) return std::unexpected{error};
  }
  std::vector<descriptor> sockets;
  for (unsigned i = 1; i < count; ++i) {
    auto next = made.steered ? join_port(made.local, options) : duplicate(*first);
    if (!next) return std::unexpected{next.error()};
    sockets.push_back(*std::move(next));
  }
  sockets.insert(sockets.begin(), *std::move(first));
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
