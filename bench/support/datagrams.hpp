#pragma once

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "support/descriptor.hpp"
#include "support/programs.hpp"

namespace naru::bench {

/// A non-blocking UDP socket on the IPv4 loopback address, with the receive buffer that naru's listeners
/// have; port 0 takes a free one.
[[nodiscard]] descriptor bind_datagrams_to_loopback(std::uint16_t port);

/// A non-blocking UDP socket connected to a port of the IPv4 loopback address.
[[nodiscard]] descriptor connect_datagrams_to_loopback(std::uint16_t port);

/// As much of this as the system allows (SO_RCVBUFFORCE, SO_RCVBUF).
void set_receive_buffer(int socket, int bytes);

/// What recvmmsg(2) and sendmmsg(2) work on.
template <std::size_t Count, std::size_t BytesEach>
class datagram_array {
 public:
  datagram_array() {
    for (std::size_t i = 0; i < Count; ++i) {
      parts_[i] = {.iov_base = memory_[i].data(), .iov_len = BytesEach};
      headers_[i].msg_hdr.msg_name = &names_[i];
      headers_[i].msg_hdr.msg_iov = &parts_[i];
      headers_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  [[nodiscard]] static constexpr std::size_t size() noexcept { return Count; }
  [[nodiscard]] std::size_t bytes_of(std::size_t index) const noexcept { return headers_[index].msg_len; }
  [[nodiscard]] const std::byte* data_of(std::size_t index) const noexcept { return memory_[index].data(); }

  /// How many came.
  std::size_t receive(int socket) {
    for (std::size_t i = 0; i < Count; ++i) {
      parts_[i].iov_len = BytesEach;
      headers_[i].msg_hdr.msg_namelen = sizeof names_[i];
    }
    const int count = ::recvmmsg(socket, headers_.data(), Count, MSG_DONTWAIT, nullptr);
    if (count < 0 && errno == EAGAIN) return 0;
    return static_cast<std::size_t>(checked(count, "recvmmsg"));
  }

  /// Answers each of the first `count` with itself.
  void send_back(int socket, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) parts_[i].iov_len = headers_[i].msg_len;
    for (std::size_t sent = 0; sent < count;) {
      sent += static_cast<std::size_t>(
          checked(::sendmmsg(socket, &headers_[sent], static_cast<unsigned>(count - sent), MSG_NOSIGNAL),
                  "sendmmsg"));
    }
  }

 private:
  std::array<mmsghdr, Count> headers_ = {};
  std::array<iovec, Count> parts_ = {};
  std::array<sockaddr_in, Count> names_ = {};
  std::array<std::array<std::byte, BytesEach>, Count> memory_ = {};
};

}  // namespace naru::bench
