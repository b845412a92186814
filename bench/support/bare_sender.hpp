#pragma once

#include <cstddef>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "support/descriptor.hpp"

namespace naru::bench {

/// The least that sends from any thread: a queue under a mutex, an eventfd, and a loop that writes.
class bare_sender {
 public:
  /// The loop runs on this CPU.
  explicit bare_sender(int cpu);
  bare_sender(const bare_sender&) = delete;
  bare_sender& operator=(const bare_sender&) = delete;
  ~bare_sender();

  /// The other end of its connection.
  [[nodiscard]] descriptor take_peer() noexcept { return std::move(peer_); }

  void send(std::span<const std::byte> message);

 private:
  void loop();

  descriptor peer_;
  descriptor socket_;
  descriptor wake_;
  descriptor poller_;
  std::mutex mutex_;
  std::vector<std::byte> queue_;  // guarded by mutex_
  bool ending_ = false;           // guarded by mutex_
  std::thread thread_;
};

}  // namespace naru::bench
