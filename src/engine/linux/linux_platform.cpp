#include "engine/linux/linux_platform.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>

#include "engine/linux/descriptor.hpp"
#include "engine/linux/epoll/epoll_engine.hpp"
#include "engine/linux/resolve.hpp"
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

}  // namespace

result<std::unique_ptr<engine>> linux_platform::make_engine() {
  return epoll_engine::make();
}

result<bound_socket> linux_platform::bind_stream(const endpoint& local, const bind_options& options) {
  if (local.family() == address_family::none) return std::unexpected{make_error_code(errc::invalid_endpoint)};
  const socket_address address{local};
  descriptor socket{::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket) {
    const std::error_code error = last_error();
    const bool means_any_address = local == endpoint::any_ipv6(local.port()) && !options.ipv6_only;
    if (error == std::errc::address_family_not_supported && means_any_address) {
      return bind_stream(endpoint::any_ipv4(local.port()), options);
    }
    return std::unexpected{error};
  }
  if (local.family() == address_family::ipv6) {
    // Said both ways: what holds unsaid is for the system's administrator (net.ipv6.bindv6only, ipv6(7)).
    if (auto error = set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6_only ? 1 : 0)) {
      return std::unexpected{error};
    }
  }
  if (auto error = bind_alone(socket.get(), address)) return std::unexpected{error};
  const endpoint bound = local_endpoint_of(socket.get());
  return bound_socket{.socket = to_raw_socket(std::move(socket)), .local = bound};
}

std::error_code linux_platform::listen(const raw_socket& socket, unsigned accept_queue_max) {
  const auto handle = static_cast<int>(socket.get());
  if (auto error = set_option(handle, SOL_SOCKET, SO_REUSEADDR, 1)) return error;  // see bind_alone
  constexpr unsigned highest = std::numeric_limits<int>::max();
  if (::listen(handle, static_cast<int>(std::min(accept_queue_max, highest))) != 0) return last_error();
  return {};
}

result<std::vector<endpoint>> linux_platform::resolve(const std::string& host, std::uint16_t port) {
  return resolve_host(host, port);
}

}  // namespace naru::engine
