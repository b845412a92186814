#pragma once

#include <cstdint>
#include <vector>

#include <naru/endpoint.hpp>
#include <naru/error.hpp>
#include <naru/options.hpp>

namespace naru::engine::simulated {

/// The address that a socket is bound to.
struct claim {
  endpoint local = {};
  bool ipv6_only = false;

  /// Both cannot be bound at the same time.
  [[nodiscard]] bool conflicts_with(const claim& other) const noexcept;
  /// What goes to this address is meant for this socket.
  [[nodiscard]] bool covers(const endpoint& address) const noexcept;

 private:
  [[nodiscard]] bool takes_family(address_family family) const noexcept;
};

/// The addresses of this host that are bound, of one protocol: TCP and UDP have ports of their own. Guarded
/// by the mutex of the kernel.
class claims {
 public:
  /// Port 0 is a free one.
  [[nodiscard]] result<claim> take(const endpoint& local, const bind_options& options);
  void give_back(const claim& taken) noexcept;
  /// The next of the ports that are given to who does not ask for one. Perhaps it is taken.
  [[nodiscard]] std::uint16_t next_port() noexcept;

 private:
  [[nodiscard]] bool is_free(const claim& candidate) const noexcept;

  std::vector<claim> taken_;
  std::uint16_t last_port_ = 0;
};

}  // namespace naru::engine::simulated
