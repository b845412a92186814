#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <naru/endpoint.hpp>

#include "engine/linux/descriptor.hpp"
#include "engine/raw_socket.hpp"

namespace naru::test {

/// The other side, by nothing but blocking system calls. What it cannot do, or not in time, throws
/// `std::system_error`.
class peer {
 public:
  explicit peer(engine::descriptor socket) noexcept;
  [[nodiscard]] static peer connected_to(const endpoint& remote);

  void send(std::string_view bytes);
  /// Sends this byte as urgent data, outside the stream (tcp(7)).
  void send_urgent(char byte);
  /// Sends as much as goes without waiting.
  std::size_t send_what_fits(std::string_view bytes);
  /// Exactly so many bytes, or what came until the end of the stream.
  [[nodiscard]] std::string receive(std::size_t bytes);
  /// 0 at the end of the stream, else the error that ends it (ECONNRESET); throws away bytes before it.
  [[nodiscard]] int receive_end();
  void shutdown_send();
  void close() noexcept { socket_.close(); }
  /// Closes so that the other side sees a reset.
  void reset() noexcept;

  [[nodiscard]] int get() const noexcept { return socket_.get(); }
  [[nodiscard]] endpoint local() const;

 private:
  engine::descriptor socket_;
};

/// So many peers, each connected to there.
[[nodiscard]] std::vector<peer> crowd_at(const endpoint& remote, std::size_t count);

/// A listening socket on loopback, at a free port.
class peer_listener {
 public:
  peer_listener();
  [[nodiscard]] peer accept();
  /// The same for an engine to adopt.
  [[nodiscard]] engine::raw_socket accept_raw();
  [[nodiscard]] const endpoint& local() const noexcept { return local_; }

 private:
  engine::descriptor socket_;
  endpoint local_;
};

}  // namespace naru::test
