#pragma once

#include <cstdint>

namespace naru::bench {

/// Sends two datagrams to a UDP echo server on 127.0.0.1 from each of so many addresses of 127.0.0.0/8, which
/// takes one socket, and returns when all have been answered twice. How many those were.
[[nodiscard]] std::uint64_t greet_from_everywhere(std::uint16_t port, std::uint32_t addresses);

}  // namespace naru::bench
