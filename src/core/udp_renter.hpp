#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include <naru/close_reason.hpp>
#include <naru/handlers.hpp>

#include "base/clock.hpp"
#include "base/intrusive_list.hpp"
#include "core/datagram_queue.hpp"
#include "core/handler_call.hpp"
#include "core/shell.hpp"
#include "core/socket.hpp"
#include "core/strand.hpp"
#include "core/watch.hpp"
#include "engine/datagrams.hpp"
#include "protocol/peer_table.hpp"

namespace naru::core {

class udp_socket;

struct silence_tag;
struct waiting_tag;

/// One peer of a UDP socket, and its connection. A listening socket has many, found by their addresses; a
/// connected one has one, whose connection counts as the lessor of its own socket (R3.2).
///
/// It belongs to its lessor, and is destroyed when it has called `on_closed`. [worker]
class udp_renter final : public socket,
                         public base::list_node<silence_tag>,
                         public base::list_node<waiting_tag>,
                         public protocol::table_member<udp_renter> {
 public:
  enum class standing : std::uint8_t {
    probation,  ///< anybody may have written its address
    admitted,   ///< it has answered to its address
    confirmed,  ///< the user knows it
    closing,    ///< on_closed is all that will come, when what is queued has gone
    leaving,    ///< on_closed runs elsewhere, and then it is gone; its address may have another connection
  };
  static constexpr std::size_t standing_count = 5;
  using time_point = base::clock::time_point;

  udp_renter(udp_socket& lessor, std::shared_ptr<shell> of, standing first, std::uint64_t hash) noexcept;
  ~udp_renter() = default;

  // socket
  [[nodiscard]] result<void> send(outgoing& message) noexcept override;
  [[nodiscard]] result<void> send(const message_ref& message) noexcept override;
  [[nodiscard]] bool make_room(std::size_t charge) noexcept override;
  result<void> refuse() noexcept override;
  void queue(std::unique_ptr<large_message> message) noexcept override;
  [[nodiscard]] std::byte* queue(std::size_t wire_bytes) noexcept override;
  void queue(const message_ref& message, bytes_view wire) noexcept override;
  void queue(latest_value& value) noexcept override;
  [[nodiscard]] std::size_t memory_bytes() const noexcept override {
    const strand* const there = elsewhere();
    return shell_->reserved() + (there == nullptr ? 0 : there->memory_bytes());
  }
  [[nodiscard]] bool is_ending() const noexcept override { return cut_short_; }
  void close() noexcept override;
  void fail(close_reason why) noexcept override;
  void confirm() noexcept override;
  void receiving_changed() noexcept override;
  void executor_has_room() noexcept override { receiving_changed(); }
  void executor_done() noexcept override;
  void run_task(handler_kind which, std::move_only_function<void(connection&)>& task) noexcept override;
  [[nodiscard]] result<void> exchange_handlers(std::shared_ptr<const handlers> own) noexcept override;
  void resolved(result<std::vector<endpoint>> addresses) noexcept override;
  void settle() noexcept override;
  void stop(close_cause why) noexcept override;
  void stop_now(close_cause why) noexcept override;
  [[nodiscard]] bool came_through(const admission& listener) const noexcept override;

  // What its lessor does with it.
  void greet() noexcept;
  /// Something came; before `greet`, which may answer already.
  void count_received(std::size_t bytes) noexcept;
  /// It has left probation.
  void lift_limit() noexcept { is_limited_ = false; }
  void receive(const engine::arrival& datagram) noexcept;
  /// Ends it in good order: what is queued is sent first, if that can be done soon.
  void begin_close(close_reason why) noexcept;
  /// Its end, now: destroys it, or has `on_closed` run elsewhere first. Not inside its own handlers.
  void finish() noexcept;
  /// Something failed that does not end it: `on_error` tells, when no handler runs.
  void note_error(std::error_code error) noexcept;
  /// Hands on what is queued, as far as there is room; at most so many datagrams. True: there is more.
  [[nodiscard]] bool serve_queue(std::size_t datagrams_max) noexcept;
  // What became of a datagram in the batch, which `charged` it.
  void departed(std::size_t bytes) noexcept;
  void not_sent(std::size_t bytes, std::error_code error) noexcept;
  void keep(bytes_view datagram) noexcept;

  [[nodiscard]] shell& connection_shell() const noexcept override { return *shell_; }
  /// Before anything else; false when there is no memory.
  [[nodiscard]] bool begin_watch() noexcept;
  [[nodiscard]] endpoint peer_address() const noexcept { return shell_->remote_place(); }
  [[nodiscard]] const endpoint& remote() const noexcept { return shell_->remote_place(); }
  [[nodiscard]] const endpoint& local() const noexcept { return shell_->local_place(); }
  [[nodiscard]] bool is_closing() const noexcept { return standing_ >= standing::closing; }
  [[nodiscard]] bool is_known() const noexcept { return is_known_; }
  void note_known() noexcept { is_known_ = true; }
  [[nodiscard]] bool still_sends() const noexcept { return !cut_short_; }
  [[nodiscard]] bool has_queued() const noexcept { return !queue_.empty(); }

  // For `udp_peers`.
  [[nodiscard]] standing now_is() const noexcept { return standing_; }
  void become(standing next) noexcept { standing_ = next; }
  [[nodiscard]] time_point last_heard() const noexcept { return last_heard_; }
  void hear(time_point when) noexcept { last_heard_ = when; }

  // For `datagram_batch`.
  static constexpr std::uint16_t not_in_batch = UINT16_MAX;
  std::uint16_t exchange_last_in_batch(std::uint16_t index) noexcept {
    return std::exchange(last_in_batch_, index);
  }

 private:
  [[nodiscard]] std::byte* place_for(std::size_t bytes) noexcept;
  [[nodiscard]] bool put(const message_ref& message) noexcept;
  void queued() noexcept;
  [[nodiscard]] bytes_view front() const noexcept { return queue_.front(shell_->known_rare()); }
  void pop_front() noexcept;
  [[nodiscard]] result<void> no_memory(std::size_t charge) noexcept;
  void lose(std::size_t bytes) noexcept;
  void lose_queue() noexcept;
  [[nodiscard]] bool may_send(std::size_t bytes) const noexcept;
  void count_limited(std::size_t bytes) noexcept;
  void drop_oldest() noexcept;
  void count_dropped() noexcept;
  void count_ignored() noexcept;

  // What only a connection with a watch does: udp_renter_watching.cpp.
  [[nodiscard]] bool is_let_in(std::size_t bytes) noexcept;
  void queued_watched() noexcept;
  [[nodiscard]] bool waits_for_tick() noexcept;
  void flush_waiting() noexcept;
  void watch_queue() noexcept;
  void look_at_age() noexcept;
  void look_at_backlog() noexcept;
  void watch_is_due() noexcept;
  [[nodiscard]] bool deliver_elsewhere(strand& there, bytes_view datagram) noexcept;
  void tell_error() noexcept;
  void tell_closed() noexcept;
  void leave() noexcept;
  /// With which error it ends.
  void note_end(std::error_code error) noexcept;
  [[nodiscard]] std::error_code end_error() const noexcept;
  /// Where its handlers run; null: here.
  [[nodiscard]] strand* elsewhere() const noexcept {
    return watch_ == nullptr ? nullptr : watch_->elsewhere();
  }
  /// Has a handler run, on the worker or elsewhere; one that throws ends the connection.
  template <typename Call>
  void call_handler(handler_kind which, Call call) noexcept {
    if (strand* const there = elsewhere()) [[unlikely]] {
      if (!there->post(which, std::move(call))) {
        fail({close_cause::memory, std::make_error_code(std::errc::not_enough_memory)});
      }
    } else {
      call_here(which, call);
    }
  }
  template <typename Call>
  void call_here(handler_kind which, Call&& call) noexcept {
    in_handler_ = true;
    const bool returned = guarded_call(at(), *shell_, which, [&] { call(*callbacks_); });
    in_handler_ = false;
    handler_returned();
    if (!returned) fail({close_cause::handler_threw});
  }
  [[nodiscard]] worker& at() const noexcept;
  void handler_returned() noexcept;

  // What every datagram touches comes first.
  standing standing_;
  bool in_handler_ = false;
  bool cut_short_ = false;  ///< closing: what is queued is not sent any more
  /// On probation, or it was to its end: what goes to it is limited by what came from it.
  bool is_limited_;
  /// The user knows it, and there was no room for it among the confirmed ones.
  bool is_known_ = false;
  /// A tick of the flush is being served.
  bool ticks_now_ = false;
  /// What went to it while it was limited: empty datagrams, which have no bytes to count, and bytes.
  std::uint8_t limited_sent_empty_ = 0;
  std::uint16_t last_in_batch_ = not_in_batch;
  std::uint32_t limited_sent_bytes_ = 0;
  close_cause cause_ = close_cause::local;
  udp_socket& lessor_;
  std::shared_ptr<shell> shell_;
  std::shared_ptr<const handlers> callbacks_;
  /// For a closing one, when that began.
  time_point last_heard_ = {};
  datagram_queue queue_;
  /// Null for most.
  std::unique_ptr<watch> watch_;
};

}  // namespace naru::core
