#include "support/datagram_sink.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>

#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>

#include "support/datagrams.hpp"
#include "support/programs.hpp"
#include "support/sockets.hpp"

namespace naru::bench {
namespace {

constexpr int silence_ms_max = 100;

/// How many datagrams of one size the system has kept together in a message of so many bytes.
std::uint64_t count_of(const msghdr& message, std::size_t bytes) {
  for (const cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr;
       item = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(item))) {
    if (item->cmsg_level != SOL_UDP || item->cmsg_type != UDP_GRO) continue;
    int each = 0;
    std::memcpy(&each, CMSG_DATA(item), sizeof each);
    return (bytes + static_cast<std::size_t>(each) - 1) / static_cast<std::size_t>(each);
  }
  return 1;
}

}  // namespace

datagram_sink::datagram_sink(int cpu) : socket_{bind_datagrams_to_loopback(0)}, port_{local_port(socket_)} {
  const int on = 1;
  checked(::setsockopt(socket_.get(), SOL_UDP, UDP_GRO, &on, sizeof on), "setsockopt");
  set_receive_buffer(socket_.get(), 64 << 20);
  thread_ = std::thread{[this, cpu] {
    pin_this_thread(cpu);
    loop();
  }};
}

datagram_sink::~datagram_sink() {
  ends_ = true;
  thread_.join();
}

std::uint64_t datagram_sink::wait_for(std::uint64_t datagrams) const {
  std::uint64_t before = received();
  while (before < datagrams) {
    std::this_thread::sleep_for(std::chrono::milliseconds{silence_ms_max});
    const std::uint64_t now = received();
    if (now == before) break;
    before = now;
  }
  return received();
}

void datagram_sink::loop() {
  static std::array<std::byte, std::size_t{64} << 10> memory;
  while (!ends_) {
    pollfd look = {.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (checked(::poll(&look, 1, silence_ms_max), "poll") == 0) continue;
    for (;;) {
      iovec part = {.iov_base = memory.data(), .iov_len = memory.size()};
      alignas(cmsghdr) std::array<std::byte, 64> control = {};
      msghdr message = {};
      message.msg_iov = &part;
      message.msg_iovlen = 1;
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      const ssize_t bytes = ::recvmsg(socket_.get(), &message, MSG_DONTWAIT);
      if (bytes < 0) break;
      received_.fetch_add(count_of(message, static_cast<std::size_t>(bytes)), std::memory_order_relaxed);
    }
  }
}

}  // namespace naru::bench
