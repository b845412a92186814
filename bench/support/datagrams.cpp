#include "support/datagrams.hpp"

#include "support/sockets.hpp"

namespace naru::bench {
namespace {

descriptor make_socket() {
  return descriptor{checked(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket")};
}

}  // namespace

void set_receive_buffer(int socket, int bytes) {
  if (::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
    checked(::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes), "setsockopt");
  }
}

descriptor bind_datagrams_to_loopback(std::uint16_t port) {
  descriptor made = make_socket();
  const sockaddr_in address = loopback(port);
  checked(::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  set_receive_buffer(made.get(), 4 << 20);
  return made;
}

descriptor connect_datagrams_to_loopback(std::uint16_t port) {
  descriptor made = make_socket();
  const sockaddr_in address = loopback(port);
  checked(::connect(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "connect");
  return made;
}

}  // namespace naru::bench
