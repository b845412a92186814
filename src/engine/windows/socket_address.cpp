#include "engine/windows/socket_address.hpp"

namespace naru::engine {

endpoint local_endpoint_of(SOCKET socket) noexcept {
  socket_address address;
  if (::getsockname(socket, address.data(), address.size()) != 0) return {};
  return address.to_endpoint();
}

int socket_family_of(SOCKET socket) noexcept {
  WSAPROTOCOL_INFOW info = {};
  int size = sizeof info;
  if (::getsockopt(socket, SOL_SOCKET, SO_PROTOCOL_INFOW, reinterpret_cast<char*>(&info), &size) != 0) {
    return AF_UNSPEC;
  }
  return info.iAddressFamily;
}

}  // namespace naru::engine
