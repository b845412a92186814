#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <naru/endpoint.hpp>
#include <naru/error.hpp>
#include <naru/options.hpp>

#include "base/clock.hpp"
#include "engine/engine.hpp"
#include "engine/raw_socket.hpp"

namespace naru::engine {

/// A bound socket and the address that it got.
struct bound_socket {
  raw_socket socket = {};
  endpoint local = {};
};

/// Datagram sockets on one address, one for each worker.
struct bound_datagrams {
  std::vector<raw_socket> sockets = {};
  endpoint local = {};
  /// Each of them receives: the system gives all that one peer sends to the same one. Otherwise the first one
  /// receives for all, and the others only send.
  bool steered = false;
};

/// What a network asks of an operating system beside the I/O of its workers. Shared by all workers of one
/// network; everything here may be called from any thread. [any]
class platform {
 public:
  platform() = default;
  platform(const platform&) = delete;
  platform& operator=(const platform&) = delete;
  virtual ~platform() = default;

  [[nodiscard]] virtual result<std::unique_ptr<engine>> make_engine() = 0;
  /// A stream socket, bound and not listening yet. A wildcard IPv6 address takes IPv4 as well, unless the
  /// options say otherwise, and is the IPv4 wildcard on a system without IPv6.
  [[nodiscard]] virtual result<bound_socket> bind_stream(const endpoint& local,
                                                         const bind_options& options) = 0;
  /// Datagram sockets, `count` of them (at least 1), bound to one address that nobody else has. What is said
  /// of wildcards above holds here too.
  [[nodiscard]] virtual result<bound_datagrams> bind_datagrams(const endpoint& local,
                                                               const bind_options& options,
                                                               unsigned count) = 0;
  [[nodiscard]] virtual std::error_code listen(const raw_socket& socket, unsigned accept_queue_max) = 0;
  /// The addresses of a host, best first (RFC 6724), each with this port. Blocks, perhaps for long: called on
  /// threads that do nothing else.
  [[nodiscard]] virtual result<std::vector<endpoint>> resolve(const std::string& host,
                                                              std::uint16_t port) = 0;
  /// Fills this with numbers that nobody can guess.
  [[nodiscard]] virtual std::error_code fill_random(std::span<std::byte> place) noexcept = 0;
  /// The time for workers. Lives as long as the platform.
  [[nodiscard]] virtual const base::clock& time() const noexcept = 0;
};

}  // namespace naru::engine
