#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include <naru/close_reason.hpp>
#include <naru/stats.hpp>

namespace naru::core {

/// A number that one thread counts up and any thread reads. With a single writer a load and a store do, which
/// costs far less than an atomic addition.
class counter {
 public:
  /// [worker]
  void add(std::uint64_t more) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
  /// [worker]
  void subtract(std::uint64_t less) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) - less, std::memory_order_relaxed);
  }
  /// [worker]
  void set(std::uint64_t now) noexcept { value_.store(now, std::memory_order_relaxed); }
  /// [any]
  [[nodiscard]] std::uint64_t read() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

/// Those whom the listeners of one worker did not let in.
struct refusal_counters {
  counter by_limit;
  counter by_address;
  counter by_rate;
  counter by_handler;
  counter by_memory;

  /// [any]
  void add_to(refusal_stats& sum) const noexcept {
    sum.by_limit += by_limit.read();
    sum.by_address += by_address.read();
    sum.by_rate += by_rate.read();
    sum.by_handler += by_handler.read();
    sum.by_memory += by_memory.read();
  }
};

/// What one worker counts for the network's statistics.
struct worker_counters {
  counter bytes_received;
  counter bytes_sent;
  counter messages_received;
  counter messages_sent;
  counter accepted;
  counter connected;
  counter accept_failures;
  std::array<counter, close_cause_count> closed;
  refusal_counters refused;
  counter messages_dropped;
  counter messages_lost;
  counter reading_paused;
  counter lost_by_system;
  counter truncated;
  counter lost_between_workers;
  counter strangers_refused;
  counter datagrams_ignored;
  counter errors;
  /// Counted down as well.
  counter on_probation;

  /// [any]
  void add_to(network_stats& sum) const noexcept {
    sum.bytes_received += bytes_received.read();
    sum.bytes_sent += bytes_sent.read();
    sum.messages_received += messages_received.read();
    sum.messages_sent += messages_sent.read();
    sum.accepted += accepted.read();
    sum.connected += connected.read();
    sum.accept_failures += accept_failures.read();
    for (std::size_t i = 0; i < closed.size(); ++i) sum.closed[i] += closed[i].read();
    refused.add_to(sum.refused);
    sum.messages_dropped += messages_dropped.read();
    sum.messages_lost += messages_lost.read();
    sum.reading_paused += reading_paused.read();
    sum.udp.lost_by_system += lost_by_system.read();
    sum.udp.truncated += truncated.read();
    sum.udp.lost_between_workers += lost_between_workers.read();
    sum.udp.strangers_refused += strangers_refused.read();
    sum.udp.datagrams_ignored += datagrams_ignored.read();
    sum.udp.errors += errors.read();
    sum.udp.on_probation += on_probation.read();
  }
};

}  // namespace naru::core
