#include "support/crowd.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <stdexcept>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "support/datagrams.hpp"
#include "support/descriptor.hpp"
#include "support/programs.hpp"
#include "support/sockets.hpp"

namespace naru::bench {
namespace {

constexpr int silence_ms_max = 5'000;

/// A socket that can say of each datagram which address it is from (IP_PKTINFO, ip(7)).
class crowd {
 public:
  explicit crowd(std::uint16_t port) : server_{loopback(port)} { set_receive_buffer(socket_.get(), 4 << 20); }

  void send_from(std::uint32_t member) {
    std::array<std::byte, 64> datagram = {};
    iovec part = {.iov_base = datagram.data(), .iov_len = datagram.size()};
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(in_pktinfo))> control = {};
    msghdr message = {};
    message.msg_name = &server_;
    message.msg_namelen = sizeof server_;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const item = CMSG_FIRSTHDR(&message);
    item->cmsg_level = IPPROTO_IP;
    item->cmsg_type = IP_PKTINFO;
    item->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
    in_pktinfo source = {};
    source.ipi_spec_dst.s_addr = htonl(0x7f01'0001U + member);
    std::memcpy(CMSG_DATA(item), &source, sizeof source);
    checked(static_cast<int>(::sendmsg(socket_.get(), &message, MSG_NOSIGNAL)), "sendmsg");
  }

  void await_answer() {
    pollfd look = {.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (checked(::poll(&look, 1, silence_ms_max), "poll") == 0) {
      throw std::runtime_error{"the server has not answered for 5 s"};
    }
    std::array<std::byte, 2048> answer;  // NOLINT: nobody looks at it
    checked(static_cast<int>(::recv(socket_.get(), answer.data(), answer.size(), 0)), "recv");
  }

 private:
  descriptor socket_{checked(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket")};
  sockaddr_in server_;
};

}  // namespace

std::uint64_t greet_from_everywhere(std::uint16_t port, std::uint32_t addresses) {
  crowd all{port};
  constexpr std::uint32_t at_once = 64;
  std::uint64_t answered = 0;
  for (int time = 0; time < 2; ++time) {
    for (std::uint32_t first = 0; first < addresses; first += at_once) {
      const std::uint32_t end = std::min(first + at_once, addresses);
      for (std::uint32_t i = first; i < end; ++i) all.send_from(i);
      for (std::uint32_t i = first; i < end; ++i, ++answered) all.await_answer();
    }
  }
  return answered;
}

}  // namespace naru::bench
