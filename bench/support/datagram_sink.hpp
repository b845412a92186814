#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "support/descriptor.hpp"

namespace naru::bench {

/// A thread that receives datagrams with UDP_GRO (udp(7)) and counts them.
class datagram_sink {
 public:
  explicit datagram_sink(int cpu);
  datagram_sink(const datagram_sink&) = delete;
  datagram_sink& operator=(const datagram_sink&) = delete;
  ~datagram_sink();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::uint64_t received() const noexcept { return received_.load(std::memory_order_relaxed); }
  /// Waits until so many came, or until nothing more comes. How many it were.
  [[nodiscard]] std::uint64_t wait_for(std::uint64_t datagrams) const;

 private:
  void loop();

  descriptor socket_;
  std::uint16_t port_;
  std::atomic<std::uint64_t> received_ = 0;
  std::atomic<bool> ends_ = false;
  std::thread thread_;
};

}  // namespace naru::bench
