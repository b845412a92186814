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
  // UDP only.
  std::uint64_t datagrams_refused = 0;  ///< `send` answered `backlog_full`
  std::uint64_t datagrams_dropped = 0;  ///< accepted by `send` and not sent: dropped for another, or too late
  std::uint64_t datagrams_ignored = 0;  ///< received and not delivered: paused, or too large
  std::uint64_t errors = 0;             ///< what `on_error` is for, also where one told of several
};

/// Counters of UDP for a whole network since `start`, beside those that TCP has too.
struct udp_stats {
  std::uint64_t lost_by_system = 0;        ///< received by the system, whose buffer was full (SO_RXQ_OVFL)
  std::uint64_t truncated = 0;             ///< cut short by the system, and not delivered
  std::uint64_t lost_between_workers = 0;  ///< the worker of their peer did not keep up
  std::uint64_t strangers_refused = 0;     ///< of addresses that are ignored or have too many connections
  std::uint64_t datagrams_dropped = 0;     ///< as in `connection_stats`, this and the next two
  std::uint64_t datagrams_ignored = 0;
  std::uint64_t errors = 0;
  std::uint64_t on_probation = 0;  ///< peers that are on probation now
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
  udp_stats udp = {};

  [[nodiscard]] std::uint64_t closed_by(close_cause cause) const noexcept {
    return closed[static_cast<std::size_t>(cause)];
  }
};

}  // namespace naru
