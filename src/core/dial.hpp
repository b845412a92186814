#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include <naru/endpoint.hpp>
#include <naru/error.hpp>

#include "base/timer_wheel.hpp"
#include "core/profile.hpp"
#include "engine/engine.hpp"

namespace naru::core {

class attempt;
class tcp_socket;
class worker;

/// Tries the addresses of a host until one answers, as RFC 8305 says: one after the other, each 250 ms after
/// the one before or as soon as that has failed; the first that answers wins, the rest are dropped. Belongs
/// to the socket that wants to be connected. [worker]
class dial {
 public:
  /// RFC 8305, 5: the recommended Connection Attempt Delay.
  static constexpr std::chrono::milliseconds attempt_delay{250};

  dial(worker& at, tcp_socket& owner, const engine::stream_options& options) noexcept;
  dial(const dial&) = delete;
  dial& operator=(const dial&) = delete;
  /// Drops every attempt that is under way.
  ~dial();

  /// Tries these, best first. The owner is told, perhaps within this call when none can even be tried: it
  /// then destroys the dial.
  void start(const std::vector<endpoint>& addresses) noexcept;

 private:
  friend class attempt;

  void try_next() noexcept;
  void won(engine::stream& stream) noexcept;
  void lost(std::error_code error) noexcept;
  void forget(attempt& one) noexcept;

  worker& worker_;
  tcp_socket& owner_;
  engine::stream_options options_;
  std::vector<endpoint> addresses_ = {};
  std::size_t next_ = 0;
  std::vector<attempt*> under_way_ = {};
  std::error_code last_error_ = {};
  base::timer delay_;
};

/// The addresses of a host in the order in which to try them: as they came, but with the families in turn,
/// beginning with that of the first (RFC 8305, 4). [any]
[[nodiscard]] std::vector<endpoint> in_turn_by_family(const std::vector<endpoint>& addresses);

}  // namespace naru::core
