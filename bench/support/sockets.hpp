#pragma once

#include <cstdint>

#include <netinet/in.h>

#include "support/descriptor.hpp"

namespace naru::bench {

/// The IPv4 loopback address with this port.
[[nodiscard]] sockaddr_in loopback(std::uint16_t port);

/// A non-blocking socket that listens on the IPv4 loopback address; port 0 takes a free one.
[[nodiscard]] descriptor listen_on_loopback(std::uint16_t port);

/// A blocking socket connected to the IPv4 loopback address, with TCP_NODELAY. It takes in this much before
/// it is read from (SO_RCVBUF, socket(7)); 0 leaves that to the system.
[[nodiscard]] descriptor connect_to_loopback(std::uint16_t port, int receive_buffer_bytes = 0);

[[nodiscard]] std::uint16_t local_port(const descriptor& socket);

void set_no_delay(int socket);

}  // namespace naru::bench
