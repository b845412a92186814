#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include <naru/endpoint.hpp>
#include <naru/options.hpp>
#include <naru/socket_id.hpp>

#include "core/admission.hpp"
#include "core/profile.hpp"
#include "protocol/siphash.hpp"

namespace naru::core {

class udp_socket;
class worker;

/// What the workers share of one listening UDP socket: whose peer is whose, and the limits that count for all
/// of them. [any]
class udp_lease {
 public:
  /// The most that may be on its way from the worker that receives to another one, in bytes. Past it the
  /// other one does not keep up, and what more comes for it is dropped.
  static constexpr std::size_t hand_over_bytes_max = std::size_t{4} << 20;

  struct terms {
    socket_id id = {};
    endpoint local = {};
    listen_options options = {};
    protocol::hash_key key = {};
    /// The system gives each worker its own peers; otherwise the first one receives for all.
    bool steered = false;
  };

  udp_lease(const terms& agreed, std::shared_ptr<const profile> common, std::vector<worker*> workers);
  udp_lease(const udp_lease&) = delete;
  udp_lease& operator=(const udp_lease&) = delete;

  [[nodiscard]] const terms& agreed() const noexcept { return terms_; }
  [[nodiscard]] const stranger_options& strangers() const noexcept { return terms_.options.strangers; }
  [[nodiscard]] const std::shared_ptr<const profile>& common() const noexcept { return common_; }
  [[nodiscard]] std::size_t worker_count() const noexcept { return workers_.size(); }
  [[nodiscard]] worker& worker_at(std::size_t index) const noexcept { return *workers_[index]; }
  /// A worker's share of a limit, at least 1.
  [[nodiscard]] std::size_t share_of(std::size_t limit) const noexcept;

  /// The worker that a peer with this hash belongs to, wherever its datagrams come in.
  [[nodiscard]] std::size_t index_for(std::uint64_t hash) const noexcept;

  /// A worker's own part; null before it has come and when it has gone. Only on that worker. [worker]
  [[nodiscard]] udp_socket* part_at(std::size_t index) const noexcept { return parts_[index]; }
  void set_part(std::size_t index, udp_socket* part) noexcept { parts_[index] = part; }

  /// From now on no datagram reaches a handler.
  void close() noexcept { closed_.store(true, std::memory_order_release); }
  [[nodiscard]] bool is_closed() const noexcept { return closed_.load(std::memory_order_acquire); }
  /// One of the workers is done with it. True: that was the last one.
  [[nodiscard]] bool end_one() noexcept { return open_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

  /// Whom it lets in; counts those that are not on probation, against max_connections, and the peers of each
  /// address.
  [[nodiscard]] const std::shared_ptr<admission>& gate() const noexcept { return gate_; }
  /// After the last of its workers is done with it, and the user has been told: whoever drains it may go on.
  void is_gone() noexcept { present_ = presence{nullptr}; }

  /// Counts bytes that are handed over to a worker, if there may be so many.
  [[nodiscard]] bool try_hand_over(std::size_t index, std::size_t bytes) noexcept;
  void handed_over(std::size_t index, std::size_t bytes) noexcept;

 private:
  const terms terms_;
  const std::shared_ptr<const profile> common_;
  const std::vector<worker*> workers_;
  std::vector<udp_socket*> parts_;
  std::vector<std::atomic<std::size_t>> in_transit_bytes_;
  std::atomic<std::size_t> open_;
  std::atomic<bool> closed_ = false;
  const std::shared_ptr<admission> gate_;
  presence present_;
};

}  // namespace naru::core
