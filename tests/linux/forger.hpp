#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include <naru/endpoint.hpp>

#include "engine/linux/descriptor.hpp"

namespace naru::test {

/// Sends UDP datagrams whose senders' addresses it makes up, each time others, from 10.0.0.0/8. That takes a
/// raw socket (raw(7)), and so a network namespace of one's own.
class forger {
 public:
  struct habits {
    std::uint64_t per_second = 0;
    /// So many datagrams, one behind the other, from each address.
    unsigned each = 1;
  };

  /// Begins at once. The target is an IPv4 address.
  forger(const endpoint& to, const habits& how);
  forger(const forger&) = delete;
  forger& operator=(const forger&) = delete;
  ~forger() { stop(); }

  void stop();
  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }

 private:
  void run();
  void send_batch(std::uint64_t count);

  engine::descriptor socket_;
  endpoint to_;
  habits how_;
  std::atomic<std::uint64_t> sent_ = 0;
  std::atomic<bool> stops_ = false;
  std::thread thread_;
};

}  // namespace naru::test
