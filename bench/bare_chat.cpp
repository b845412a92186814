// The least that a chat server can do: one send() for each receiver of each message. No queue, no limit, no
// library; a receiver that does not take its copy at once ends it.

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/descriptor.hpp"
#include "support/frames.hpp"
#include "support/programs.hpp"
#include "support/sockets.hpp"

namespace naru::bench {
namespace {

class chat {
 public:
  explicit chat(std::uint16_t port) : listener_{listen_on_loopback(port)} {
    watch(listener_.get(), EPOLLIN);
    announce(local_port(listener_));
  }

  [[noreturn]] void serve() {
    std::array<epoll_event, 256> events = {};
    for (;;) {
      const int count = ::epoll_wait(poller_.get(), events.data(), static_cast<int>(events.size()), -1);
      if (count < 0 && errno == EINTR) continue;
      checked(count, "epoll_wait");
      for (const epoll_event& event : std::span{events}.first(static_cast<std::size_t>(count))) {
        if (event.data.fd == listener_.get()) {
          accept_all();
        } else {
          receive(event.data.fd);
        }
      }
    }
  }

 private:
  void watch(int socket, std::uint32_t wanted) {
    epoll_event event{};
    event.events = wanted;
    event.data.fd = socket;
    checked(::epoll_ctl(poller_.get(), EPOLL_CTL_ADD, socket, &event), "epoll_ctl");
  }

  void accept_all() {
    for (;;) {
      const int peer = ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (peer < 0) {
        if (errno == EAGAIN) return;
        checked(peer, "accept4");
      }
      set_no_delay(peer);
      watch(peer, EPOLLIN | EPOLLET);
      everybody_.push_back(peer);
    }
  }

  /// A message comes whole here, since the load sends it at once.
  void receive(int from) {
    const ssize_t count = ::recv(from, buffer_.data(), buffer_.size(), 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
      std::erase(everybody_, from);
      ::close(from);
      return;
    }
    std::span<const std::byte> received = std::span{buffer_}.first(static_cast<std::size_t>(count));
    while (const std::size_t frame_bytes = whole_frame(received)) {
      tell_all(received.first(frame_bytes));
      received = received.subspan(frame_bytes);
    }
    if (!received.empty()) throw std::runtime_error{"a message came in parts"};
  }

  void tell_all(std::span<const std::byte> frame) const {
    for (const int to : everybody_) {
      if (::send(to, frame.data(), frame.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(frame.size())) {
        throw std::runtime_error{"a send was not taken whole"};
      }
    }
  }

  descriptor listener_;
  descriptor poller_{checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")};
  std::vector<int> everybody_;
  std::array<std::byte, std::size_t{64} << 10> buffer_ = {};
};

}  // namespace
}  // namespace naru::bench

int main(int argc, char** argv) {
  return naru::bench::run_server(argc, argv, "A bare chat loop", [](std::uint16_t port) {
    static naru::bench::chat all{port};
    all.serve();
  });
}
