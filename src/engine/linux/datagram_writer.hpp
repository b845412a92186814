#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <sys/socket.h>
#include <sys/uio.h>

#include "engine/datagrams.hpp"
#include "engine/linux/socket_address.hpp"

namespace naru::engine {

/// How one socket sends.
struct datagram_route {
  int socket = -1;
  int family = 0;
  bool connected = false;
  /// Bound to no certain address: a departure's `local` has to be said each time (IP_PKTINFO, ip(7)).
  bool names_local = false;
  /// The largest datagrams that the system was seen to join (UDP_SEGMENT, udp(7)); 0: it joins none.
  std::size_t joined_bytes_max = 0;
};

/// With what all datagram sockets of one engine send: many messages with one system call (sendmmsg(2)), each
/// of them one datagram, or neighbours of one size to one peer, which the system cuts apart. [worker]
class datagram_writer {
 public:
  /// Null when there is no memory.
  [[nodiscard]] static std::unique_ptr<datagram_writer> make();

  /// `datagram_socket::send`. Learns on the way what can be joined on this route. What failed for a reason
  /// of before, which the system tells once with whatever is done next, is left in `earlier`.
  [[nodiscard]] datagrams_sent send(datagram_route& route, std::span<const departure> batch,
                                    std::error_code& earlier) noexcept;

 private:
  datagram_writer() noexcept = default;

  /// The system joins no more than this (UDP_MAX_SEGMENTS).
  static constexpr std::size_t joined_max = 64;
  /// What fits into one IPv6 packet without its payload being larger than 16 bits say; IPv4 allows more.
  static constexpr std::size_t joined_total_max = 65'487;

  struct alignas(cmsghdr) control {
    std::array<std::byte, CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(std::uint16_t))> bytes;
  };

  /// How many from the front of these travel as one message.
  [[nodiscard]] static std::size_t joined_count(const datagram_route& route,
                                                std::span<const departure> batch) noexcept;
  /// Sends messages of at most so many datagrams each; answers how many datagrams went, or -1.
  [[nodiscard]] std::ptrdiff_t submit(const datagram_route& route, std::span<const departure> batch,
                                      bool may_join) noexcept;
  /// After an error that joining may be to blame for, in errno: sends these one by one. False, with errno,
  /// when not even the first one goes.
  [[nodiscard]] bool send_apart(datagram_route& route, std::span<const departure> joined,
                                std::ptrdiff_t& sent) noexcept;
  void write_message(const datagram_route& route, std::span<const departure> joined, std::size_t index,
                     iovec* parts) noexcept;

  std::array<mmsghdr, datagram_socket::departures_max> headers_ = {};
  std::array<std::uint8_t, datagram_socket::departures_max> counts_ = {};
  std::array<iovec, datagram_socket::departures_max> parts_ = {};
  std::array<socket_address, datagram_socket::departures_max> remotes_ = {};
  std::array<control, datagram_socket::departures_max> controls_ = {};
};

}  // namespace naru::engine
