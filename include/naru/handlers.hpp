#pragma once

#include <functional>
#include <system_error>

#include <naru/bytes.hpp>
#include <naru/close_reason.hpp>
#include <naru/connection.hpp>
#include <naru/endpoint.hpp>
#include <naru/socket_id.hpp>

namespace naru {

/// What a user wants to be told. Given once for a listener or a connect, and alive as long as any of its
/// connections. Any of them may be left empty.
///
/// Threads: for one connection the handlers run one at a time and in order, on the worker that owns it, or on
/// the executor that `connection_options::handlers_on` names; for different connections they run on several
/// workers at the same time. Hence the `const`: a lambda that changes its own captures does not compile.
///
/// Re-entrancy: a handler may call everything but `network::stop`, `network::poll` and the destructor of the
/// network. It runs inside no other handler of the same connection. A `connection&` is good for that call;
/// what is kept is its `weak_from_this()`.
///
/// Errors: an exception that leaves a handler closes that connection (`handler_threw`) and is logged.
struct handlers {
  /// Somebody wants to connect to a listener, and nothing is known of him yet but his address. False: he is
  /// refused. Called on the worker that accepts, also where handlers run on an executor; by an exception he
  /// is refused. UDP: the first datagram from an address.
  std::move_only_function<bool(const endpoint& remote) const> on_accepting = {};
  /// A connection came about: accepted, or connected; with UDP, a datagram came from an address that no
  /// connection has. Comes first, and before anything is received. Whoever closes the connection here refuses
  /// it. A connected UDP socket has nothing to wait for, and no such call.
  std::move_only_function<void(connection&) const> on_connected = {};
  /// A message came. The bytes die when the handler returns.
  std::move_only_function<void(connection&, bytes_view) const> on_received = {};
  /// The peer ended its stream and `half_open` is set: nothing more will be received, sending goes on.
  std::move_only_function<void(connection&) const> on_peer_ended = {};
  /// Something failed that does not end the connection. UDP only: at the peer's port nobody listens
  /// (`std::errc::connection_refused`; only a connected socket learns of it), or a datagram could not be sent
  /// (`std::errc::message_size`: the way to the peer takes none so large). Of several that come about while
  /// handlers run, the last one is told; `connection_stats::errors` counts all.
  std::move_only_function<void(connection&, std::error_code) const> on_error = {};
  /// `backlog_high_bytes` wait to be sent: now is the time to send less. Not again before `on_drained`.
  std::move_only_function<void(connection&) const> on_backlog_high = {};
  /// After `on_backlog_high`: no more than `backlog_low_bytes` wait.
  std::move_only_function<void(connection&) const> on_drained = {};
  /// The connection ended. Comes exactly once and last; the first call when a connect failed. The library
  /// keeps nothing of the connection after it.
  std::move_only_function<void(connection&, close_reason) const> on_closed = {};
  /// The listener is gone and its port is free. TCP connections that it accepted live on; those of a UDP
  /// listener have had their `on_closed` by then.
  std::move_only_function<void(socket_id) const> on_listener_closed = {};
};

}  // namespace naru
