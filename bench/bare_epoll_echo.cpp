// The least that an echo server on epoll can do: one read and one write for each wake-up, no framing, no
// queue. What it costs is what the kernel costs; what naru costs above it is naru's.

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/descriptor.hpp"
#include "support/programs.hpp"
#include "support/sockets.hpp"

namespace naru::bench {
namespace {

constexpr std::size_t events_max = 256;
constexpr std::size_t buffer_bytes = std::size_t{64} << 10;

void watch(int poller, int socket, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = socket;
  checked(::epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event), "epoll_ctl");
}

void accept_all(int poller, int listener) {
  for (;;) {
    const int peer = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (peer < 0) {
      if (errno == EAGAIN) return;
      checked(peer, "accept4");
    }
    set_no_delay(peer);
    // Edge-triggered: measured to be the cheaper one, since the kernel need not look at the socket again.
    watch(poller, peer, EPOLLIN | EPOLLET);
  }
}

/// A peer that does not take its echo at once is cut off: the loads here never let a send buffer fill.
void echo(int peer, std::span<std::byte> buffer) {
  ssize_t received = 0;
  do {
    received = ::recv(peer, buffer.data(), buffer.size(), 0);
    if (received < 0 && errno == EAGAIN) return;
    if (received <= 0 ||
        ::send(peer, buffer.data(), static_cast<std::size_t>(received), MSG_NOSIGNAL) != received) {
      ::close(peer);
      return;
    }
  } while (static_cast<std::size_t>(received) == buffer.size());
}

void serve(std::uint16_t port) {
  const descriptor listener = listen_on_loopback(port);
  const descriptor poller{checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")};
  watch(poller.get(), listener.get(), EPOLLIN);
  announce(local_port(listener));

  static std::array<std::byte, buffer_bytes> buffer;
  std::array<epoll_event, events_max> events = {};
  for (;;) {
    const int count = ::epoll_wait(poller.get(), events.data(), static_cast<int>(events.size()), -1);
    if (count < 0 && errno == EINTR) continue;
    checked(count, "epoll_wait");
    for (const epoll_event& event : std::span{events}.first(static_cast<std::size_t>(count))) {
      if (event.data.fd == listener.get()) {
        accept_all(poller.get(), listener.get());
      } else {
        echo(event.data.fd, buffer);
      }
    }
  }
}

}  // namespace
}  // namespace naru::bench

int main(int argc, char** argv) {
  return naru::bench::run_server(argc, argv, "A bare epoll echo loop", naru::bench::serve);
}
