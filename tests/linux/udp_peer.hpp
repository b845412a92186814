#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <naru/endpoint.hpp>

#include "engine/linux/descriptor.hpp"

namespace naru::test {

/// A UDP socket by nothing but blocking system calls. What it cannot do throws `std::system_error`.
class udp_peer {
 public:
  /// Bound to this address; a port of 0 takes a free one.
  explicit udp_peer(const endpoint& local = endpoint::loopback_ipv4(0));

  /// From now on it talks to this one only.
  void connect(const endpoint& remote);
  void send(std::string_view bytes);
  void send_to(const endpoint& remote, std::string_view bytes);
  /// The next datagram, waited for as long as a test has patience; nothing when none came.
  [[nodiscard]] std::optional<std::string> receive();
  /// One that is there already.
  [[nodiscard]] std::optional<std::string> receive_now();
  /// Whom the last one was from.
  [[nodiscard]] const endpoint& sender() const noexcept { return sender_; }
  [[nodiscard]] endpoint local() const;
  [[nodiscard]] int get() const noexcept { return socket_.get(); }
  void close() noexcept { socket_.close(); }

 private:
  engine::descriptor socket_;
  endpoint sender_ = {};
};

}  // namespace naru::test
