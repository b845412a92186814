#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <naru/endpoint.hpp>

#include "engine/basic_socket_address.hpp"

namespace naru::engine {

struct linux_addresses {
  using any = sockaddr;
  using v4 = sockaddr_in;
  using v6 = sockaddr_in6;
  using size_type = socklen_t;
  static constexpr int unspecified = AF_UNSPEC;
  static constexpr int ipv4 = AF_INET;
  static constexpr int ipv6 = AF_INET6;
};
using socket_address = basic_socket_address<linux_addresses>;

/// The address that a socket is bound to; none when it cannot be read. [any]
[[nodiscard]] endpoint local_endpoint_of(int socket) noexcept;
/// AF_INET or AF_INET6 (SO_DOMAIN, socket(7)). [any]
[[nodiscard]] int socket_family_of(int socket) noexcept;

}  // namespace naru::engine
