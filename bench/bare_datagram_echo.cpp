// The least that a UDP echo server can do: one recvmmsg and one sendmmsg for each wake-up, and no notion of a
// peer. What it costs is what the kernel costs; what naru costs above it is naru's.

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "support/datagrams.hpp"
#include "support/descriptor.hpp"
#include "support/programs.hpp"
#include "support/sockets.hpp"

namespace naru::bench {
namespace {

void serve(std::uint16_t port) {
  const descriptor socket = bind_datagrams_to_loopback(port);
  const descriptor poller{checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")};
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  checked(::epoll_ctl(poller.get(), EPOLL_CTL_ADD, socket.get(), &event), "epoll_ctl");
  announce(local_port(socket));

  static datagram_array<64, 2048> batch;
  for (;;) {
    const int ready = ::epoll_wait(poller.get(), &event, 1, -1);
    if (ready < 0 && errno == EINTR) continue;
    checked(ready, "epoll_wait");
    std::size_t count = 0;
    do {
      count = batch.receive(socket.get());
      batch.send_back(socket.get(), count);
    } while (count == batch.size());
  }
}

}  // namespace
}  // namespace naru::bench

int main(int argc, char** argv) {
  return naru::bench::run_server(argc, argv, "A bare UDP echo loop", naru::bench::serve);
}
