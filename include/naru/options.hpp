#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>

#include <naru/attachment.hpp>
#include <naru/framing.hpp>
#include <naru/log.hpp>

namespace naru {

/// What carries the bytes of a socket.
enum class transport : std::uint8_t { tcp };

inline constexpr transport tcp = transport::tcp;

/// Which of the system's interfaces does the work.
enum class engine_kind : std::uint8_t {
  automatic,  ///< the best that this system has
  epoll,      ///< Linux
};

struct network_options {
  static constexpr unsigned one_per_core = std::numeric_limits<unsigned>::max();

  /// Threads that do the work. With 0 there is none: the caller turns the only worker by `network::poll`.
  unsigned workers = one_per_core;
  engine_kind engine = engine_kind::automatic;
  /// Runs on each worker as it starts, with the worker's number from 0: to name the thread, pin it, set its
  /// priority. With `workers` = 0 it runs inside `start`. `start` returns when all have run; an exception
  /// that leaves it is logged.
  std::move_only_function<void(unsigned worker) const> on_worker_start = {};
  /// Takes the log; empty: lines go to the standard error.
  log_handler log = {};
  /// Lines below this level are not made.
  log_level log_threshold = log_level::warning;
};

/// What holds for each connection of a listener, or for the one of a connect. Sizes are in bytes.
struct connection_options {
  framing frames = framing::length_prefix();
  /// The largest message, without its framing, both ways; 1 to 2^32 - 1. With a prefix of 1 or 2 bytes, what
  /// the prefix can say is the limit where that is less.
  std::size_t max_message_bytes = std::size_t{1} << 20;
  /// The most that may wait to be sent, framing included. The send that would pass it returns `backlog_full`
  /// and the connection is reset. Must hold a message of max_message_bytes.
  std::size_t backlog_bytes_max = std::size_t{8} << 20;
  /// How much of what the system took it may keep unsent (TCP_NOTSENT_LOWAT, tcp(7)): the smaller, the sooner
  /// a slow reader is noticed. 0 leaves it to the system.
  std::size_t kernel_unsent_bytes_max = std::size_t{128} << 10;
  /// TCP_NODELAY: small messages are not held back for the acknowledgement of earlier ones.
  bool no_delay = true;
  /// Keeps a connection whose peer has ended its stream, for sending; `on_peer_ended` tells.
  bool half_open = false;
  /// How long a closing connection waits for its peer: to take what is queued, counted anew each time some of
  /// it is taken, and then to end its own stream.
  std::chrono::milliseconds linger_timeout = std::chrono::seconds{5};
  /// How much of what the peer still sends a closing connection reads and throws away, before it gives up.
  std::size_t linger_bytes_max = std::size_t{16} << 20;
};

struct bind_options {
  /// An IPv6 socket takes no IPv4 peers.
  bool ipv6_only = false;
};

struct listen_options {
  connection_options connection = {};
  /// Connections that may wait to be accepted (listen(2)); the system may have a lower limit of its own.
  unsigned accept_queue_max = 4096;
};

struct connect_options {
  connection_options connection = {};
  /// For the whole attempt: the name, and all its addresses. 0: as long as the system tries.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds{30};
  /// The user's object, in place before any handler runs.
  attachment attach = {};
};

}  // namespace naru
