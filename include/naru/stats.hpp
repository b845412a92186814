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
  std::uint64_t backlog_messages = 0;  ///< accepted by `send`, not yet wholly taken by the system
  // What was not sent. Every message for which `send` answered success is, or ends as, one of messages_sent,
  // backlog_messages, messages_dropped, messages_replaced and messages_lost.
  std::uint64_t messages_refused = 0;  ///< `send` answered `backlog_full`, or a group's message met a limit
  std::uint64_t messages_dropped =
      0;  ///< dropped to make room for others, for its age, or by the system (UDP)
  std::uint64_t messages_replaced = 0;  ///< a later `send_latest` of the same key took its place
  std::uint64_t messages_lost = 0;      ///< the connection ended first
  std::uint64_t reading_paused = 0;     ///< how often the library paused reading: backlog, budget, executor
  // UDP only.
  std::uint64_t datagrams_ignored = 0;  ///< received and not delivered: paused, or too large
  std::uint64_t errors = 0;             ///< what `on_error` is for, also where one told of several
};

/// Counters of UDP for a whole network since `start`, beside those that TCP has too.
struct udp_stats {
  std::uint64_t lost_by_system = 0;        ///< received by the system, whose buffer was full (SO_RXQ_OVFL)
  std::uint64_t truncated = 0;             ///< cut short by the system, and not delivered
  std::uint64_t lost_between_workers = 0;  ///< the worker of their peer did not keep up
  std::uint64_t strangers_refused = 0;     ///< of addresses that are ignored (`close(ignore_for)`)
  std::uint64_t datagrams_ignored = 0;     ///< as in `connection_stats`, this and the next
  std::uint64_t errors = 0;
  std::uint64_t on_probation = 0;  ///< peers that are on probation now
};

/// Those whom a listener did not let in, by the first thing that kept them out.
struct refusal_stats {
  std::uint64_t by_limit = 0;    ///< max_connections (TCP)
  std::uint64_t by_address = 0;  ///< connections_per_address_max
  std::uint64_t by_rate = 0;     ///< accepts_per_second
  std::uint64_t by_handler = 0;  ///< `on_accepting`
  std::uint64_t by_memory = 0;   ///< memory_max
};

/// How long handlers ran, while `stall_warning` is set: how many for less than 2 µs, than 4 µs, than 8 µs and
/// so on; the last number has all that took longer.
using handler_time_histogram = std::array<std::uint64_t, 24>;

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
  refusal_stats refused = {};
  std::uint64_t messages_refused = 0;  ///< as in `connection_stats`, this and the next four
  std::uint64_t messages_dropped = 0;
  std::uint64_t messages_replaced = 0;
  std::uint64_t messages_lost = 0;
  std::uint64_t reading_paused = 0;
  std::uint64_t memory_bytes = 0;  ///< counted against memory_max now
  std::uint64_t memory_bytes_highest = 0;
  std::uint64_t stalls = 0;  ///< handlers that ran for longer than stall_warning
  handler_time_histogram handler_times = {};
  udp_stats udp = {};

  [[nodiscard]] std::uint64_t closed_by(close_cause cause) const noexcept {
    return closed[static_cast<std::size_t>(cause)];
  }
};

}  // namespace naru
