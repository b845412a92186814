#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <naru/endpoint.hpp>

namespace naru::engine {

/// An IP address in the form of the system's calls.
class socket_address {
 public:
  /// Room for the system to write one into.
  socket_address() noexcept = default;
  explicit socket_address(const endpoint& from) noexcept;
  /// In the form that a socket of this family takes: an IPv6 one takes an IPv4 address mapped (RFC 4291,
  /// 2.5.5.2).
  socket_address(const endpoint& from, int family) noexcept;
  /// Copies what a list of the system's holds (getaddrinfo(3)).
  socket_address(const sockaddr* from, socklen_t size) noexcept;

  /// No address, when what the system wrote is of another family.
  [[nodiscard]] endpoint to_endpoint() const noexcept;

  static constexpr socklen_t room_bytes = sizeof(sockaddr_in6);

  [[nodiscard]] int family() const noexcept { return value_.any.sa_family; }
  [[nodiscard]] sockaddr* data() noexcept { return &value_.any; }
  [[nodiscard]] const sockaddr* data() const noexcept { return &value_.any; }
  [[nodiscard]] socklen_t* size() noexcept { return &size_; }
  [[nodiscard]] socklen_t size() const noexcept { return size_; }

 private:
  union storage {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  storage value_ = {.any = {.sa_family = AF_UNSPEC, .sa_data = {}}};
  socklen_t size_ = sizeof(storage);
};

/// The address that a socket is bound to; none when it cannot be read. [any]
[[nodiscard]] endpoint local_endpoint_of(int socket) noexcept;
/// AF_INET or AF_INET6 (SO_DOMAIN, socket(7)). [any]
[[nodiscard]] int socket_family_of(int socket) noexcept;

}  // namespace naru::engine
