#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <naru/endpoint.hpp>
#include <naru/error.hpp>
#include <naru/options.hpp>

#include "base/mutex.hpp"
#include "engine/simulated/claims.hpp"
#include "engine/simulated/datagram_network.hpp"
#include "engine/simulated/link.hpp"
#include "engine/simulated/port.hpp"
#include "engine/simulated/signal.hpp"

namespace naru::engine::simulated {

/// What all engines of one world share: the ports of the host, the connections in its network and who is to
/// be told of what. One mutex guards it all; that is slow, and as plain as a reference has to be.
class kernel {
 public:
  base::mutex mutex;
  /// Told when an engine goes to sleep.
  base::condition engine_blocked;
  /// What goes by UDP.
  datagram_network datagrams NARU_GUARDED_BY(mutex);

  [[nodiscard]] result<std::shared_ptr<port>> bind(const endpoint& local, const bind_options& options,
                                                   std::size_t pipe_bytes) NARU_REQUIRES(mutex);
  void listen(port& bound, unsigned accept_queue_max) NARU_REQUIRES(mutex);
  /// Frees the port. Who waits to be accepted is reset.
  void release(const std::shared_ptr<port>& bound) NARU_REQUIRES(mutex);
  /// The peer that has waited longest, if there is one.
  [[nodiscard]] std::shared_ptr<link> accept(port& bound) NARU_REQUIRES(mutex);

  /// One attempt to connect: the link; or null, when there is no answer yet, and it is to be tried again.
  [[nodiscard]] result<std::shared_ptr<link>> connect(const endpoint& remote, std::size_t pipe_bytes)
      NARU_REQUIRES(mutex);

  void add_engine(signal& engine) NARU_REQUIRES(mutex) { engines_.push_back(&engine); }
  void remove_engine(signal& engine) NARU_REQUIRES(mutex);
  /// Makes every engine look at its sockets, or leave its poll.
  void kick_all() noexcept NARU_REQUIRES(mutex);
  void wake_all() noexcept NARU_REQUIRES(mutex);
  [[nodiscard]] bool all_idle() const noexcept NARU_REQUIRES(mutex);

  /// Sockets that somebody holds.
  void count_socket() noexcept NARU_REQUIRES(mutex) { ++sockets_; }
  void uncount_socket() noexcept NARU_REQUIRES(mutex) { --sockets_; }
  [[nodiscard]] std::size_t socket_count() const noexcept NARU_REQUIRES(mutex) { return sockets_; }

 private:
  [[nodiscard]] std::shared_ptr<port> listener_for(const endpoint& address) const NARU_REQUIRES(mutex);

  claims claims_ NARU_GUARDED_BY(mutex);  ///< of TCP
  std::vector<std::shared_ptr<port>> ports_ NARU_GUARDED_BY(mutex);
  std::vector<signal*> engines_ NARU_GUARDED_BY(mutex);
  std::size_t sockets_ NARU_GUARDED_BY(mutex) = 0;
};

}  // namespace naru::engine::simulated
