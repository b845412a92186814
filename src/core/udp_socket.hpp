#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <system_error>
#include <vector>

#include <naru/endpoint.hpp>
#include <naru/handlers.hpp>
#include <naru/socket_id.hpp>

#include "base/intrusive_list.hpp"
#include "base/timer_wheel.hpp"
#include "core/connect_plan.hpp"
#include "core/hand_over.hpp"
#include "core/ignored_peers.hpp"
#include "core/token_bucket.hpp"
#include "core/udp_lease.hpp"
#include "core/udp_peers.hpp"
#include "core/udp_renter.hpp"
#include "core/worker.hpp"
#include "engine/engine.hpp"
#include "engine/raw_socket.hpp"

namespace naru::core {

/// A UDP socket, the lessor of those who exchange datagrams through it: one worker's part of a listening one,
/// which makes a renter for each address that it hears from; or a connected one with its only renter.
///
/// It owns itself and its renters: destroyed when all of these have ended and the engine has closed the
/// socket. [worker]
class udp_socket final : public engine::datagram_events, public base::list_node<all_tag> {
 public:
  /// One worker's part of a listening socket. The worker with the number 0 of the lease is the one that
  /// receives for all, unless the system steers.
  static void listen(worker& at, const std::shared_ptr<udp_lease>& lease, std::size_t index,
                     engine::raw_socket bound) noexcept;
  /// A connection that a user has already been given gets its socket.
  static void connect(worker& at, const std::shared_ptr<shell>& given, const connect_plan& plan) noexcept;
  /// Ends a listening socket with all its renters.
  void close(close_cause why) noexcept;
  /// The network stops: in good order, and then, when the grace is over, at once.
  void stop() noexcept;
  /// Also when a drain's grace is over.
  void stop_now(close_cause why) noexcept;

  // engine::datagram_events
  void on_received(std::span<const engine::arrival> batch) override;
  void on_room() override;
  void on_error(std::error_code error, const endpoint& remote) override;
  void on_lost(const engine::losses& more) override;
  void on_closed() override;

  /// Datagrams of this worker's peers that came in elsewhere.
  void take_over(std::span<const engine::arrival> batch) noexcept;

  // What its renters ask.
  [[nodiscard]] worker& at() noexcept { return worker_; }
  [[nodiscard]] bool is_part_of(const admission& listener) const noexcept {
    return lease_ != nullptr && lease_->gate().get() == &listener;
  }
  /// Room for a datagram in the worker's batch; null when it has to wait for the system.
  [[nodiscard]] std::byte* gather(udp_renter& from, std::size_t bytes) noexcept;
  /// Takes a datagram that many share into the batch; false when it has to wait.
  [[nodiscard]] bool gather(udp_renter& from, const message_ref& shared) noexcept;
  template <typename Action>
  void for_each_renter(Action&& act) noexcept {
    peers_.for_each([&](udp_renter& each) { act(each); });
  }
  /// Sends what was gathered.
  void push() noexcept;
  /// Hands on what waits, as far as there is room.
  void serve_waiting() noexcept;
  void wait_for_room(udp_renter& one) noexcept;
  void confirm(udp_renter& one) noexcept;
  void begin_end(udp_renter& one) noexcept;
  void end(udp_renter& one) noexcept;
  /// Its `on_closed` runs elsewhere: until then only its address is free again.
  void begin_to_leave(udp_renter& one) noexcept { peers_.begin_to_leave(one); }
  void ended(udp_renter& one) noexcept;
  void resolved(result<std::vector<endpoint>> addresses) noexcept;
  [[nodiscard]] std::uint64_t amplification_max() const noexcept {
    return lease_ == nullptr ? 0 : lease_->strangers().amplification_max;
  }

 private:
  using waiting_list = base::intrusive_list<udp_renter, waiting_tag>;

  udp_socket(worker& at, const profile& common, std::shared_ptr<udp_lease> lease, std::size_t index) noexcept;
  ~udp_socket() = default;

  // Receiving: udp_receiving.cpp.
  void sort(std::span<const engine::arrival> batch) noexcept;
  void deliver(const engine::arrival& datagram, std::uint64_t hash) noexcept;
  [[nodiscard]] udp_renter* make_renter(const engine::arrival& datagram, std::uint64_t hash) noexcept;
  void deliver_to(udp_renter& peer, const engine::arrival& datagram) noexcept;
  /// A datagram from an address that no connection has, but perhaps a former one that is still closing.
  void welcome(const engine::arrival& datagram, std::uint64_t hash, udp_renter* former) noexcept;
  void try_admit(udp_renter& one) noexcept;
  void leave_probation(udp_renter& one, udp_renter::standing next) noexcept;
  /// Whoever goes when there are too many; null when nobody can. It is still to be finished.
  udp_renter* evict_longest_silent() noexcept;

  // Sending: udp_sending.cpp.
  [[nodiscard]] bool claim_batch() noexcept;
  [[nodiscard]] bool can_send() const noexcept {
    return datagrams_ != nullptr && !closed_ && !waits_for_room_ && !retrying_;
  }
  void retry() noexcept;

  // Its life: udp_socket.cpp.
  /// False when it could not be made: a listening one is gone then.
  bool open(result<engine::datagram_socket*> made) noexcept;
  /// This worker is done with a listening socket; the last one tells the user.
  static void end_part(worker& at, udp_lease& of) noexcept;
  void look_at_clock() noexcept;
  void arm_clock() noexcept;
  void close_if_empty() noexcept;
  [[nodiscard]] bool is_listening() const noexcept { return lease_ != nullptr; }

  worker& worker_;
  /// The lease's, or the only renter's, and good for as long as there is one.
  const profile& common_;
  /// Null for a connected one.
  std::shared_ptr<udp_lease> lease_;
  std::size_t index_;
  engine::datagram_socket* datagrams_ = nullptr;
  /// Of a connected one.
  udp_renter* only_ = nullptr;
  std::size_t receive_buffer_bytes_ = 0;
  bool closing_ = false;
  bool closed_ = false;
  bool waits_for_room_ = false;
  /// The system refused to send for lack of room; a timer runs.
  bool retrying_ = false;
  udp_peers peers_;
  waiting_list waiting_;
  ignored_peers ignored_;
  token_bucket admissions_;
  hand_overs hand_overs_;
  /// For whoever is silent or closes, and for a name that is looked up.
  base::timer clock_;
  worker::time_point clock_due_ = {};
  /// When the batch came that is gone through.
  worker::time_point now_ = {};
  base::timer retry_timer_;
};

}  // namespace naru::core
