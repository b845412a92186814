#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <naru/close_reason.hpp>

namespace naru {

/// Counters of one connection since it was made. Each number is exact; numbers read together need not belong
/// to the same instant.
struct connection_stats {
  std::uint64_t bytes_received = 0;     ///< taken from the network, framing included
  std::uint64_t bytes_sent = 0;         ///< taken by the system's send buffer, framing included
  std::uint64_t messages_received = 0;  ///< handed to `on_received`
  std::uint64_t messages_sent = 0;      ///< wholly taken by the system's send buffer
  std::uint64_t backlog_bytes = 0;      ///< accepted by `send`, not yet taken by the system
  std::uint64_t backlog_bytes_highest = 0;
};

/// Counters of a whole network since `start`.
struct network_stats {
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t messages_sent = 0;
  std::uint64_t accepted = 0;         ///< connections that listeners took
  std::uint64_t connected = 0;        ///< outgoing connections that came about
  std::uint64_t accept_failures = 0;  ///< accepts that failed: descriptors or memory ran out
  std::uint64_t open = 0;             ///< connections that exist now, connecting and closing ones included
  std::array<std::uint64_t, close_cause_count> closed = {};  ///< ended connections by `close_cause`

  [[nodiscard]] std::uint64_t closed_by(close_cause cause) const noexcept {
    return closed[static_cast<std::size_t>(cause)];
  }
};

}  // namespace naru
