#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include <naru/connection.hpp>
#include <naru/endpoint.hpp>
#include <naru/error.hpp>
#include <naru/export.hpp>
#include <naru/handlers.hpp>
#include <naru/options.hpp>
#include <naru/socket_id.hpp>
#include <naru/stats.hpp>
#include <naru/timer.hpp>

namespace naru {

namespace core {
class manager;
struct network_access;
}  // namespace core

/// The way in: it makes workers, listening sockets and connections.
///
/// Thread safety: every member may be called from any thread at any time, but for the destructor, which must
/// not run beside another call, and `poll`, which one thread at a time may call.
///
/// Ownership: the network owns its workers and sockets, the sockets own their connections. Several networks
/// in one process do not know of each other.
class NARU_API network {
 public:
  explicit network(network_options options = {});
  /// Stops, without grace, and waits for the workers, for a handler that does not return as long as it takes
  /// (which is logged). On one of its own workers that would be waiting for
  /// itself: there it logs an error and returns, and the workers end on their own.
  ~network();
  network(const network&) = delete;
  network& operator=(const network&) = delete;

  /// Prepares the process for networking, as each network does for itself in `start`; for those who want the
  /// error apart. Counted: as many `finalize` undo it.
  ///
  /// Errors: what the system says.
  static result<void> initialize();
  static void finalize() noexcept;

  /// Makes the workers. A stopped network can be started again.
  ///
  /// Errors: `already_running`; `engine_unavailable`; what the system says (`too_many_files_open`,
  /// `resource_unavailable_try_again` for a thread), and then nothing has been started.
  result<void> start();

  /// Ends everything: closes the listeners, closes all connections in good order, resets what is left after
  /// `grace`, and waits for the workers. Every connection has had its `on_closed` when it returns. A second
  /// call beside or after a first one waits likewise, and does nothing else.
  ///
  /// Errors: `own_worker`, when it was called inside a handler of this network: nothing is stopped then;
  /// `handler_stuck`, when a handler has not returned `network_options::handler_patience` after the grace.
  /// The log says which. The network goes on stopping, and a further call waits for it in the same way.
  result<void> stop(std::chrono::milliseconds grace = std::chrono::milliseconds{0});

  [[nodiscard]] bool is_running() const noexcept;
  /// As many as `start` made; 0 before. 1 with `workers` = 0.
  [[nodiscard]] unsigned worker_count() const noexcept;

  /// Makes a socket and binds it. Port 0 takes a free one; `local_endpoint` tells which. An IPv6 wildcard
  /// takes IPv4 peers as well, unless told otherwise.
  ///
  /// Errors: `not_running`; `invalid_endpoint`; `address_needed` for a host name; what the system says:
  /// `std::errc::address_in_use`, `address_not_available`, `permission_denied`.
  result<socket_id> bind(transport over, const endpoint& local, const bind_options& options = {});
  result<socket_id> bind(transport over, std::string_view local, const bind_options& options = {});

  /// Starts accepting; with UDP, receiving: the first datagram from an address makes a connection. TCP
  /// connections are spread evenly over the workers, UDP peers by a hash of their address.
  ///
  /// Errors: `not_running`; `unknown_socket`; `already_listening`; those of bad options (docs/errors.md);
  /// `std::errc::address_in_use`. On an error the socket stays bound.
  result<void> listen(socket_id id, handlers own, const listen_options& options = {});
  /// The same with handlers that others use too.
  template <std::same_as<std::shared_ptr<const handlers>> Shared>
  result<void> listen(socket_id id, Shared shared, const listen_options& options = {}) {
    return listen_shared(id, std::move(shared), options);
  }

  /// The address that a bound socket has.
  ///
  /// Errors: `not_running`; `unknown_socket`.
  [[nodiscard]] result<endpoint> local_endpoint(socket_id id) const;

  /// Ends a bound socket, listening or not. TCP connections that it accepted live on; those of a UDP socket
  /// end with it (`lessor_closed`). When the port is free again, `on_listener_closed` says so; without a
  /// listener it is free on return.
  ///
  /// Errors: `not_running`; `unknown_socket`.
  result<void> close(socket_id id);

  /// Ends a listener as `close` does, and with it all connections that it accepted (`lessor_closed`): what
  /// they have queued is sent, and what is left after `grace` is reset. Returns when the last one has had its
  /// `on_closed`; others are not disturbed. A second call for the same listener, until then, waits likewise.
  /// A socket that does not listen is just closed. With `workers` = 0 this turns the worker, as `poll` does.
  ///
  /// Errors: `not_running`; `own_worker`, inside a handler of this network; `unknown_socket`;
  /// `handler_stuck`, when a handler has not returned `network_options::handler_patience` after the grace:
  /// the listener goes on ending then; `std::errc::not_enough_memory`, and nothing has been done.
  result<void> drain(socket_id id, std::chrono::milliseconds grace = std::chrono::milliseconds{0});

  /// Connects to `host:port`. The connection is there at once, still connecting: what is sent meanwhile is
  /// queued. It answers with `on_connected`, or with `on_closed` and `connect_failed`; handlers may run
  /// before this call returns. A host name is looked up aside, and its addresses are tried as RFC 8305 says.
  ///
  /// With UDP there is nothing to wait for and no `on_connected`; of a name's addresses the first one is
  /// taken that the system has a way to.
  ///
  /// Errors: `not_running`; `invalid_endpoint`; those of bad options (docs/errors.md).
  result<std::weak_ptr<connection>> connect(transport over, std::string_view remote, handlers own,
                                            const connect_options& options = {});
  result<std::weak_ptr<connection>> connect(transport over, const endpoint& remote, handlers own,
                                            const connect_options& options = {});
  /// The same with handlers that others use too.
  template <std::same_as<std::shared_ptr<const handlers>> Shared>
  result<std::weak_ptr<connection>> connect(transport over, std::string_view remote, Shared shared,
                                            const connect_options& options = {}) {
    return connect_shared(over, remote, std::move(shared), options);
  }
  template <std::same_as<std::shared_ptr<const handlers>> Shared>
  result<std::weak_ptr<connection>> connect(transport over, const endpoint& remote, Shared shared,
                                            const connect_options& options = {}) {
    return connect_shared(over, remote, std::move(shared), options);
  }

  /// Runs `call` once, on one of the workers, when `delay` is over, counted from this call; with `workers` =
  /// 0 inside `poll`. The workers have turns in getting these, so two may run at the same time; what is to
  /// run beside no handler of a connection belongs to that (`connection::after`). An exception that leaves it
  /// is logged. `stop` lets what is due in its grace run, as long as a worker has connections left; the rest
  /// is destroyed unrun, on its worker, before `stop` returns. See `timer` for what this costs, and how exact
  /// it is.
  ///
  /// Each takes 96 bytes while it waits, and no time, beside what `call` allocates; so a million is no
  /// matter.
  ///
  /// Errors: `not_running`; `negative_duration`; `std::errc::not_enough_memory`.
  result<timer> after(std::chrono::milliseconds delay, std::move_only_function<void()> call);
  /// The same again and again, first when one period is over, always on the same worker, also after an
  /// exception. That it goes on costs no memory.
  ///
  /// Errors: those of `after`; `zero_limit` for a period of 0.
  result<timer> every(std::chrono::milliseconds period, std::move_only_function<void()> call);

  /// With `workers` = 0: waits for at most `wait` until something is to be done, does it, and returns.
  /// Handlers run inside.
  ///
  /// Errors: `not_running`; `not_polled`, when there are worker threads; `own_worker`, inside a handler.
  result<void> poll(std::chrono::milliseconds wait = std::chrono::milliseconds{0});

  [[nodiscard]] network_stats stats() const noexcept;

 private:
  friend struct core::network_access;
  explicit network(std::shared_ptr<core::manager> manager) noexcept;

  result<void> listen_shared(socket_id id, std::shared_ptr<const handlers> shared,
                             const listen_options& options);
  result<std::weak_ptr<connection>> connect_shared(transport over, std::string_view remote,
                                                   std::shared_ptr<const handlers> shared,
                                                   const connect_options& options);
  result<std::weak_ptr<connection>> connect_shared(transport over, const endpoint& remote,
                                                   std::shared_ptr<const handlers> shared,
                                                   const connect_options& options);

  std::shared_ptr<core::manager> manager_;
};

}  // namespace naru
