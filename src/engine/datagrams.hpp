#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>

#include <naru/bytes.hpp>
#include <naru/endpoint.hpp>

/// The part of the seam that carries datagrams. What `engine.hpp` says of threads and of events holds here
/// too.
///
/// Order, for one socket: on_received, on_room, on_error and on_lost in any mixture; on_closed last, exactly
/// once, if and only if `close` was called.
namespace naru::engine {

/// A datagram that came.
struct arrival {
  endpoint remote = {};
  endpoint local = {};  ///< what its sender wrote to
  bytes_view bytes = {};
};

/// A datagram that is to go.
struct departure {
  const endpoint* remote = nullptr;  ///< on a connected socket it is not looked at
  const endpoint* local = nullptr;   ///< the address that it leaves from; null: the system chooses
  bytes_view bytes = {};
};

/// Datagrams that nobody was told of.
struct losses {
  /// There was no room in the socket's receive buffer. At least so many: what a system keeps together it may
  /// count once.
  std::uint64_t by_system = 0;
  std::uint64_t truncated = 0;  ///< they did not fit into the engine's memory, and were not handed out cut
};

/// Told about one datagram socket. [worker]
class datagram_events {
 public:
  /// Datagrams came; in the order of their arrival. Their bytes are the engine's, and die on return. An empty
  /// one is a datagram like any other.
  virtual void on_received(std::span<const arrival> batch) = 0;
  /// There is room again, after a `send` that answered `waits`. Perhaps none: then the next `send` says so.
  virtual void on_room() = 0;
  /// Something failed that concerns one datagram or one peer, such as a port that nobody listens at (an ICMP
  /// error). The socket goes on as if nothing had happened. `remote` has no address where the system does not
  /// say whom it concerns. Where several sockets share a port, any of them may be told.
  virtual void on_error(std::error_code error, const endpoint& remote) = 0;
  /// More were lost than was told before. Told at the latest before the next datagram that comes.
  virtual void on_lost(const losses& more) = 0;
  /// The system holds nothing of ours any more. The socket is destroyed when this returns.
  virtual void on_closed() = 0;

 protected:
  datagram_events() = default;
  datagram_events(const datagram_events&) = default;
  datagram_events& operator=(const datagram_events&) = default;
  ~datagram_events() = default;
};

/// What became of a `datagram_socket::send`.
struct datagrams_sent {
  enum class status : std::uint8_t {
    taken,    ///< all of them were taken
    waits,    ///< `count` were taken; there is no room for the next one, and on_room will tell of some
    no_room,  ///< likewise, but nobody will tell: try again after a while
    failed,   ///< `count` were taken; the next one cannot be sent, for `error`. Those behind it may be tried.
  };
  status state = status::taken;
  std::size_t count = 0;
  std::error_code error = {};
};

/// A datagram socket, shared by many peers or connected to one. Made by an engine, which owns it, and valid
/// until on_closed has returned. [worker]
class datagram_socket {
 public:
  datagram_socket(const datagram_socket&) = delete;
  datagram_socket& operator=(const datagram_socket&) = delete;

  /// Sends these datagrams, at least one: those to one peer leave in this order. Nothing of them is referred
  /// to after the call: what was taken belongs to the system, or was copied. Not after `close`.
  ///
  /// Neighbours that go to the same peer and are of one size may travel together, which saves most of what a
  /// datagram costs: callers put them side by side.
  [[nodiscard]] virtual datagrams_sent send(std::span<const departure> batch) noexcept = 0;
  /// The most that one call takes.
  static constexpr std::size_t departures_max = 256;

  /// on_closed follows, and nothing else before it. What was taken is still sent. Once.
  virtual void close() noexcept = 0;

  [[nodiscard]] virtual endpoint local_endpoint() const noexcept = 0;

 protected:
  datagram_socket() = default;
  ~datagram_socket() = default;
};

/// What is set on a datagram socket. In bytes; 0 leaves it to the system.
struct datagram_options {
  std::size_t receive_buffer_bytes = 0;
  /// Cleared for a socket that only sends, as all but the first one of those that are not steered.
  bool receives = true;
};

}  // namespace naru::engine
