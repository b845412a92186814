#pragma once

#include <naru/endpoint.hpp>

#include "engine/basic_socket_address.hpp"
#include "engine/windows/windows_headers.hpp"

namespace naru::engine {

struct windows_addresses {
  using any = sockaddr;
  using v4 = sockaddr_in;
  using v6 = sockaddr_in6;
  using size_type = int;
  static constexpr int unspecified = AF_UNSPEC;
  static constexpr int ipv4 = AF_INET;
  static constexpr int ipv6 = AF_INET6;
};
using socket_address = basic_socket_address<windows_addresses>;

/// The address that a socket is bound to; none when it cannot be read. [any]
[[nodiscard]] endpoint local_endpoint_of(SOCKET socket) noexcept;
/// AF_INET or AF_INET6, also of a socket that is not bound. [any]
[[nodiscard]] int socket_family_of(SOCKET socket) noexcept;

}  // namespace naru::engine
