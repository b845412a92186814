#include "engine/linux/socket_address.hpp"

namespace naru::engine {

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
