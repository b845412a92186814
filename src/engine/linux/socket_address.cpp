#include "engine/linux/socket_address.hpp"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>

namespace naru::engine {

socket_address::socket_address(const endpoint& from) noexcept {
  if (from.family() == address_family::ipv4) {
    value_.v4 = {};
    value_.v4.sin_family = AF_INET;
    value_.v4.sin_port = htons(from.port());
    std::memcpy(&value_.v4.sin_addr, from.address().data(), sizeof value_.v4.sin_addr);
    size_ = sizeof value_.v4;
  } else if (from.family() == address_family::ipv6) {
    value_.v6 = {};
    value_.v6.sin6_family = AF_INET6;
    value_.v6.sin6_port = htons(from.port());
    value_.v6.sin6_scope_id = from.scope_id();
    std::memcpy(&value_.v6.sin6_addr, from.address().data(), sizeof value_.v6.sin6_addr);
    size_ = sizeof value_.v6;
  }
}

socket_address::socket_address(const endpoint& from, int family) noexcept : socket_address{from} {
  if (family != AF_INET6 || from.family() != address_family::ipv4) return;
  value_.v6 = {};
  value_.v6.sin6_family = AF_INET6;
  value_.v6.sin6_port = htons(from.port());
  value_.v6.sin6_addr.s6_addr[10] = 0xff;
  value_.v6.sin6_addr.s6_addr[11] = 0xff;
  std::memcpy(&value_.v6.sin6_addr.s6_addr[12], from.address().data(), 4);
  size_ = sizeof value_.v6;
}

socket_address::socket_address(const sockaddr* from, socklen_t size) noexcept {
  size_ = std::min<socklen_t>(size, sizeof(storage));
  std::memcpy(&value_, from, size_);
}

endpoint socket_address::to_endpoint() const noexcept {
  if (family() == AF_INET) {
    endpoint::ipv4_bytes bytes = {};
    std::memcpy(bytes.data(), &value_.v4.sin_addr, bytes.size());
    return {bytes, ntohs(value_.v4.sin_port)};
  }
  if (family() == AF_INET6) {
    endpoint::ipv6_bytes bytes = {};
    std::memcpy(bytes.data(), &value_.v6.sin6_addr, bytes.size());
    return {bytes, ntohs(value_.v6.sin6_port), value_.v6.sin6_scope_id};
  }
  return {};
}

endpoint local_endpoint_of(int socket) noexcept {
  socket_address address;
  if (::getsockname(socket, address.data(), address.size()) != 0) return {};
  return address.to_endpoint();
}

int socket_family_of(int socket) noexcept {
  int family = AF_UNSPEC;
  socklen_t size = sizeof family;
  static_cast<void>(::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &size));
  return family;
}

}  // namespace naru::engine
