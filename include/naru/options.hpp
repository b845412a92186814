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
enum class transport : std::uint8_t { tcp, udp };

inline constexpr transport tcp = transport::tcp;
inline constexpr transport udp = transport::udp;

/// Which of the system's interfaces does the work.
enum class engine_kind : std::uint8_t {
  automatic,  ///< the best that this system has
  epoll,      ///< Linux
  iocp,       ///< Windows
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

/// What becomes of a datagram that the backlog has no room for. The connection lives (R4.2).
enum class datagram_overflow : std::uint8_t {
  refuse,       ///< `send` returns `backlog_full`, and it is not sent
  drop_oldest,  ///< what has waited longest is thrown away for it
};

/// What holds for UDP only. One datagram is one message, of whichever framing the options speak.
struct udp_options {
  /// The largest datagram, both ways, in bytes: 1 to 65,507. Larger ones are refused by `send`, and thrown
  /// away when received. `max_message_bytes` holds as well.
  std::size_t max_datagram_bytes = 65'507;
  /// How long a connection lives without anything being received, which is the only end of a datagram's way
  /// that one can see (R6.4). 0: for ever.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds{30};
  /// When what waits would pass `backlog_bytes_max`.
  datagram_overflow overflow = datagram_overflow::refuse;
};

/// How a UDP listener treats peers that it does not know: anybody can write any sender's address into a
/// datagram. A new peer is on probation until a second datagram has come from its address.
struct stranger_options {
  /// Peers that are not on probation. When another one is to leave it, the one that has been silent for
  /// longest goes (`evicted`), of those that were not confirmed (`connection::confirm`); are all confirmed,
  /// it stays on probation.
  std::size_t max_connections = 100'000;
  /// Peers of one IP address, or of one IPv6 network of 64 bits, those on probation included. What further
  /// ones send is dropped. 0: no limit.
  std::size_t connections_per_address_max = 0;
  /// Peers on probation. A further one takes the place of the one that is there for longest (`evicted`). With
  /// several workers each has its share of them.
  std::size_t probation_max = 32'768;
  /// How many may leave probation in a second; the rest stays until there is room for them. 0: no limit.
  /// With several workers each has its share.
  unsigned admissions_per_second = 10'000;
  /// To a peer on probation go no more than so many times the bytes that it sent itself (RFC 9000, 8.1): who
  /// writes another's address must not have that one flooded. The rest waits. 0: no limit.
  unsigned amplification_max = 3;
};

/// What holds for each connection of a listener, or for the one of a connect. Sizes are in bytes.
struct connection_options {
  framing frames = framing::length_prefix();
  /// The largest message, without its framing, both ways; 1 to 2^32 - 1. With a prefix of 1 or 2 bytes, what
  /// the prefix can say is the limit where that is less.
  std::size_t max_message_bytes = std::size_t{1} << 20;
  /// The most that may wait to be sent, framing included. The send that would pass it returns `backlog_full`
  /// and the connection is reset; with UDP it lives, see `udp_options::overflow`, and a datagram counts as 64
  /// bytes at least. Must hold a message of max_message_bytes, or of max_datagram_bytes.
  std::size_t backlog_bytes_max = std::size_t{8} << 20;
  /// How much of what the system took it may keep unsent (TCP_NOTSENT_LOWAT, tcp(7)): the smaller, the sooner
  /// a slow reader is noticed. 0 leaves it to the system.
  std::size_t kernel_unsent_bytes_max = std::size_t{128} << 10;
  /// TCP_NODELAY: small messages are not held back for the acknowledgement of earlier ones.
  bool no_delay = true;
  /// Keeps a connection whose peer has ended its stream, for sending; `on_peer_ended` tells.
  bool half_open = false;
  /// How long a closing connection waits for its peer: to take what is queued, counted anew each time some of
  /// it is taken, and then to end its own stream. With UDP, for room for what is queued, once.
  std::chrono::milliseconds linger_timeout = std::chrono::seconds{5};
  /// How much of what the peer still sends a closing connection reads and throws away, before it gives up.
  std::size_t linger_bytes_max = std::size_t{16} << 20;
  /// Ignored by TCP connections.
  udp_options udp = {};
};

struct bind_options {
  /// An IPv6 socket takes no IPv4 peers.
  bool ipv6_only = false;
  /// UDP: one socket receives for all workers and hands over what is another's, where the system could give
  /// each worker a socket of its own on the same port (SO_REUSEPORT, socket(7)). That is faster, but other
  /// processes of the same user could then bind the port too.
  bool one_socket = false;
};

struct listen_options {
  connection_options connection = {};
  /// Connections that may wait to be accepted (listen(2)); the system may have a lower limit of its own.
  unsigned accept_queue_max = 4096;
  /// Ignored by TCP listeners.
  stranger_options strangers = {};
  /// What the system may hold of datagrams that nobody has taken yet, for each socket of a UDP listener, in
  /// bytes (SO_RCVBUF, socket(7)); it may allow less. 0 leaves it to the system.
  std::size_t receive_buffer_bytes = std::size_t{4} << 20;
};

struct connect_options {
  connection_options connection = {};
  /// For the whole attempt: the name, and all its addresses. 0: as long as the system tries. With UDP there
  /// is only the name to wait for.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds{30};
  /// As in `listen_options`, for a UDP connection.
  std::size_t receive_buffer_bytes = 0;
  /// The user's object, in place before any handler runs.
  attachment attach = {};
};

}  // namespace naru
