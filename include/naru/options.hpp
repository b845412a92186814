#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

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
  /// The most memory, in bytes, that queues and assembled messages of all connections may take together. It
  /// is reserved before it is allocated. Past it: new connections are refused; a connection that cannot keep
  /// what it receives ends; and each worker ends those of its connections whose backlogs are the largest, all
  /// with `close_cause::memory`. At least 1 MiB. 0: no limit.
  std::size_t memory_max = 0;
  /// A handler that runs for longer is named in the log, with its connection, while it still runs, and
  /// counted
  /// (`network_stats::stalls`); `network_stats::handler_times` is kept as well. Costs two looks at the clock
  /// for each handler. 0: off.
  std::chrono::milliseconds stall_warning = {};
  /// How long `stop` and `drain` wait, when their grace is over, for a handler that does not return, before
  /// they give up and say which (`errc::handler_stuck`). 0: for ever.
  std::chrono::milliseconds handler_patience = std::chrono::seconds{10};
  /// Takes the log; empty: lines go to the standard error.
  log_handler log = {};
  /// Lines below this level are not made.
  log_level log_threshold = log_level::warning;
};

/// What happens when a message would have the backlog pass one of its limits (R4.2).
enum class backlog_policy : std::uint8_t {
  /// `send` returns `backlog_full` and the connection is reset (`close_cause::backlog`). A UDP connection
  /// lives:
  /// there it is as `refuse`.
  close,
  /// `send` returns `backlog_full`, the message is not sent, the connection lives.
  refuse,
  /// What has waited for longest makes room: whole messages, of which no byte is on its way. Where that is
  /// not
  /// enough the new one is refused, as above.
  drop_oldest,
  /// As `refuse`; but before it comes to that, from `backlog_high_bytes` on, nothing is read from this peer
  /// until
  /// its backlog is down to `backlog_low_bytes`: for echoes and proxies, whose peers would rather wait than
  /// lose
  /// something. UDP peers do not wait: what comes meanwhile is thrown away, and counted.
  pause_reading,
};

/// When what was sent leaves.
enum class flush_policy : std::uint8_t {
  end_of_dispatch,  ///< when the handlers for what was received have run, or 64 KiB have come together
  at_once,          ///< within `send` on the worker; from another thread, as soon as the worker takes it in
  tick,             ///< all together, every `flush_interval`, or when 64 KiB have come together
};

/// What becomes of a peer that sends more than its budget.
enum class budget_policy : std::uint8_t {
  pause,  ///< nothing is read from it until its budget allows; UDP: what comes meanwhile is thrown away
  close,  ///< the connection ends (`close_cause::rate`)
};

/// How much a peer may send, measured by token buckets that hold the budget of one second. 0: no limit.
struct receive_budget {
  std::size_t messages_per_second = 0;
  /// Without framing.
  std::size_t bytes_per_second = 0;
  budget_policy past = budget_policy::pause;
};

/// Probes of a TCP connection on which nothing moves (SO_KEEPALIVE, tcp(7)). The system sends and answers
/// them; neither side's handlers hear of it. Ignored by UDP connections.
struct keep_alive_options {
  /// How long nothing has moved before the first probe; whole seconds. 0: no probes. More than the system
  /// takes (Linux: 32,767 seconds, here and for `interval`) counts as the most that it does.
  std::chrono::seconds after = {};
  std::chrono::seconds interval = std::chrono::seconds{10};
  /// So many without an answer end the connection, one `interval` after the last: `close_cause::io`, with
  /// `timed_out`, or with what the system has learned about the way meanwhile (`host_unreachable`). 127 at
  /// most.
  unsigned probes_max = 6;
};

/// Runs handlers elsewhere than on a worker: given a task, it runs it once, on whatever thread, now or later.
/// To throw it away unrun, or to throw, ends the connection. Called on a worker, so that it must not wait.
using executor = std::move_only_function<void(std::move_only_function<void()> task) const>;

/// What holds for UDP only. One datagram is one message, of whichever framing the options speak.
struct udp_options {
  /// The largest datagram, both ways, in bytes: 1 to 65,507. Larger ones are refused by `send`, and thrown
  /// away when received. `max_message_bytes` holds as well.
  std::size_t max_datagram_bytes = 65'507;
  /// How long a connection lives without anything being received, which is the only end of a datagram's way
  /// that one can see (R6.4). 0: for ever.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds{30};
};

/// Whom a listener lets in. Those who are not are reset before anything is known of them, and counted by
/// cause
/// (`network_stats::refused`).
struct admission_options {
  /// Connections that a TCP listener has at a time. With UDP, peers that are not on probation: when another
  /// one is to leave it, the one that has been silent for longest goes (`evicted`), of those that were not
  /// confirmed
  /// (`connection::confirm`); are all confirmed, it stays on probation. At least 1.
  std::size_t max_connections = 100'000;
  /// Connections of one IP address, or of one IPv6 network of 64 bits, at a time; with UDP those on probation
  /// included. 0: no limit.
  std::size_t connections_per_address_max = 0;
  /// New connections in a second, as many at once; UDP: new peers. 0: no limit.
  unsigned accepts_per_second = 0;
};

/// How a UDP listener treats peers that it does not know: anybody can write any sender's address into a
/// datagram. A new peer is on probation until a second datagram has come from its address.
struct stranger_options {
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
  /// The most that may wait to be sent, framing included; what is on its way into the system counts. No send
  /// passes it, not even for a moment. With UDP a datagram counts as 64 bytes at least. Must hold a message
  /// of max_message_bytes, or of max_datagram_bytes.
  std::size_t backlog_bytes_max = std::size_t{8} << 20;
  /// The most messages that may wait. 0: no limit.
  std::size_t backlog_messages_max = 0;
  /// The longest that a byte may wait. With `close` the connection ends when one has waited for longer; with
  /// `drop_oldest` it is dropped then, unless it is on its way; otherwise nothing more is let in until it has
  /// gone. 0: no limit.
  std::chrono::milliseconds backlog_age_max = {};
  /// What happens at these limits.
  backlog_policy when_backlog_full = backlog_policy::close;
  /// With so many bytes waiting, `on_backlog_high` is called, once until `on_drained`. 0: never; with
  /// `pause_reading` it stands for half of backlog_bytes_max.
  std::size_t backlog_high_bytes = 0;
  /// With no more than this waiting, after that, `on_drained` is called. Below backlog_high_bytes; 0: nothing
  /// waits.
  std::size_t backlog_low_bytes = 0;
  /// When what was sent leaves.
  flush_policy flush = flush_policy::end_of_dispatch;
  /// For `flush_policy::tick`; whole milliseconds, at least 1.
  std::chrono::milliseconds flush_interval = std::chrono::milliseconds{10};
  /// How much of what the system took it may keep unsent (TCP_NOTSENT_LOWAT, tcp(7)): the smaller, the sooner
  /// a slow reader is noticed. 0 leaves it to the system.
  std::size_t kernel_unsent_bytes_max = std::size_t{128} << 10;
  /// TCP_NODELAY: small messages are not held back for the acknowledgement of earlier ones.
  bool no_delay = true;
  /// Keeps a connection whose peer has ended its stream, for sending; `on_peer_ended` tells.
  bool half_open = false;
  /// TCP: how long a connection lives without anything being received (`close_cause::idle`). 0: for ever. For
  /// UDP see `udp_options::idle_timeout`.
  std::chrono::milliseconds idle_timeout = {};
  /// How long bytes wait without the peer taking any (`close_cause::write_stalled`): what a send timeout is
  /// elsewhere. 0: for ever.
  std::chrono::milliseconds write_stall_timeout = {};
  /// TCP: how long a message may take from its first byte to its last, its length included
  /// (`close_cause::message_timeout`): no peer holds memory by sending a byte now and then. 0: for ever.
  std::chrono::milliseconds message_timeout = {};
  keep_alive_options keep_alive = {};
  /// TCP: how long what was sent may stay unacknowledged before the system breaks the connection
  /// (TCP_USER_TIMEOUT, RFC 5482): `close_cause::io`, with the errors of `keep_alive_options::probes_max`. 0
  /// leaves it to the system, which takes many minutes. Where there are probes too, Linux gives up when this
  /// is over, however many there were. It holds for each attempt to connect as well. Windows counts it in
  /// seconds, rounded up.
  std::chrono::milliseconds unacknowledged_timeout = {};
  /// How much the peer may send.
  receive_budget budget = {};
  /// Runs the handlers; null: the worker does. They still run one at a time and in order for each connection.
  /// What waits for them is copied, and limited by backlog_bytes_max and backlog_messages_max: past that
  /// nothing is read from the peer, and datagrams are thrown away.
  std::shared_ptr<const executor> handlers_on = nullptr;
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
  admission_options admission = {};
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
