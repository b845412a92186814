#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <naru/close_reason.hpp>
#include <naru/handlers.hpp>

#include "base/timer_wheel.hpp"
#include "core/admission.hpp"
#include "core/connect_plan.hpp"
#include "core/dial.hpp"
#include "core/handler_call.hpp"
#include "core/send_queue.hpp"
#include "core/shell.hpp"
#include "core/socket.hpp"
#include "core/strand.hpp"
#include "core/watch.hpp"
#include "core/worker.hpp"
#include "engine/engine.hpp"
#include "engine/raw_socket.hpp"
#include "protocol/assembler.hpp"

namespace naru::core {

/// A TCP connection from its first moment to its last: framing, the send queue, and the steps of its end.
///
/// It owns itself: made by `adopt` or `connect`, destroyed when it has called `on_closed`, which happens when
/// the engine has said that the system holds nothing of it any more. Nothing else destroys it. [worker]
class tcp_socket final : public socket, public engine::stream_events {
 public:
  /// An accepted socket becomes a connection: `on_connected`, then receiving begins.
  static void adopt(worker& at, std::shared_ptr<const profile> common, admitted_place place,
                    engine::raw_socket accepted, const endpoint& remote) noexcept;
  /// A connection that a user has already been given begins to connect.
  static void connect(worker& at, const std::shared_ptr<shell>& given, const connect_plan& plan) noexcept;

  // socket
  [[nodiscard]] result<void> send(outgoing& message) noexcept override;
  [[nodiscard]] result<void> send(const message_ref& message) noexcept override;
  [[nodiscard]] bool make_room(std::size_t charge) noexcept override;
  result<void> refuse() noexcept override;
  void queue(std::unique_ptr<large_message> message) noexcept override;
  [[nodiscard]] std::byte* queue(std::size_t wire_bytes) noexcept override;
  void queue(const message_ref& message, bytes_view wire) noexcept override;
  void queue(latest_value& value) noexcept override;
  void close() noexcept override;
  void fail(close_reason why) noexcept override;
  void receiving_changed() noexcept override;
  void executor_has_room() noexcept override;
  void executor_done() noexcept override;
  void run_task(handler_kind which, std::move_only_function<void(connection&)>& task) noexcept override;
  [[nodiscard]] result<void> exchange_handlers(std::shared_ptr<const handlers> own) noexcept override;
  [[nodiscard]] shell& connection_shell() const noexcept override { return *shell_; }
  [[nodiscard]] std::size_t memory_bytes() const noexcept override {
    const strand* const there = elsewhere();
    return shell_->reserved() + assembler_.capacity_bytes() + (there == nullptr ? 0 : there->memory_bytes());
  }
  [[nodiscard]] bool is_ending() const noexcept override { return phase_ == phase::ending; }
  void resolved(result<std::vector<endpoint>> addresses) noexcept override;
  void settle() noexcept override;
  void retry() noexcept override;
  void fetch_ahead() const noexcept override;
  void stop(close_cause why) noexcept override;
  void stop_now(close_cause why) noexcept override;
  [[nodiscard]] bool came_through(const admission& listener) const noexcept override {
    return place_.is_of(listener);
  }

  // engine::stream_events
  void on_connected(std::error_code error) override;
  void on_received(bytes_view bytes) override;
  void on_receive_ended(std::error_code error) override;
  void on_sent(std::size_t bytes, std::error_code error) override;
  void on_closed() override;

  // What the dial says.
  void connected(engine::stream& won) noexcept;
  void connect_failed(std::error_code error) noexcept;

 private:
  enum class phase : std::uint8_t {
    connecting,
    open,
    flushing,  ///< closing: what is queued is still to be sent
    draining,  ///< closing: all is sent, the peer's end is awaited, and what it sends is thrown away
    ending,    ///< on_closed is all that will come
  };

  tcp_socket(worker& at, std::shared_ptr<shell> of) noexcept;
  ~tcp_socket() = default;
  struct deleter {
    void operator()(tcp_socket* unused) const noexcept { delete unused; }
  };
  /// Null when there is no memory. The shell is told of its socket, and has to be detached if that is not
  /// used.
  [[nodiscard]] static tcp_socket* make(worker& at, std::shared_ptr<shell> of) noexcept;

  // Receiving: tcp_receiving.cpp.
  void go_on_receiving() noexcept;
  [[nodiscard]] protocol::after_message deliver(bytes_view message) noexcept;
  void look_at(const protocol::feed_result& fed) noexcept;
  void discard(std::size_t bytes) noexcept;
  void peer_ended() noexcept;
  void lack_memory() noexcept;
  /// Whether neither the user nor the library keeps from reading.
  [[nodiscard]] bool may_read() const noexcept {
    return shell_->receives() && (watch_ == nullptr || !watch_->is_held());
  }

  // What only a connection with a watch does: tcp_watching.cpp.
  void received_watched(bytes_view bytes) noexcept;
  [[nodiscard]] protocol::after_message deliver_watched(bytes_view message) noexcept;
  void time_message(bool another) noexcept;
  [[nodiscard]] protocol::after_message deliver_elsewhere(strand& there, bytes_view message) noexcept;
  /// What is read is read again.
  void time_anew() noexcept;
  void hold_back(watch::hold why) noexcept;
  void let_go(watch::hold why) noexcept;
  void look_at_backlog() noexcept;
  [[nodiscard]] bool waits_for_tick() noexcept;
  void watch_queue() noexcept;
  void look_at_age() noexcept;
  void watch_is_due() noexcept;

  // Sending: tcp_sending.cpp.
  [[nodiscard]] result<void> send_wrapped(outgoing& message, const wrapping& around) noexcept;
  [[nodiscard]] std::byte* extend(std::size_t wire_bytes) noexcept;
  [[nodiscard]] std::byte* extend_relieved(std::size_t wire_bytes) noexcept;
  [[nodiscard]] bool append(const message_ref& message, bytes_view wire) noexcept;
  /// Whether a message that was counted elsewhere can still be sent; if not it is lost.
  [[nodiscard]] bool takes_in(std::size_t wire_bytes) noexcept;
  void count_dropped(std::size_t bytes) noexcept;
  [[nodiscard]] result<void> no_memory(std::size_t reserved_bytes) noexcept;
  void appended() noexcept;
  void push() noexcept;
  void flush() noexcept;
  /// Hands one submission to the engine. True: it was taken, and there is more.
  [[nodiscard]] bool submit() noexcept;
  /// How much more than now the queue may hold before it is pushed.
  [[nodiscard]] std::size_t push_step() const noexcept {
    return pushes_at_once_ ? 0 : engine::stream::send_bytes_max;
  }
  void taken(std::size_t bytes) noexcept;
  void fail_to_send(std::error_code error) noexcept;
  /// Whether what is queued may be handed to the engine now.
  [[nodiscard]] bool can_send() const noexcept {
    return (phase_ == phase::open || phase_ == phase::flushing) && !send_pending_ && !retrying_;
  }
  /// Whether what is queued will still be sent.
  [[nodiscard]] bool still_sends() const noexcept {
    return phase_ == phase::connecting || phase_ == phase::open || phase_ == phase::flushing;
  }

  // The end: tcp_socket.cpp.
  void begin_close(close_reason why) noexcept;
  void advance_close() noexcept;
  void note_reason(close_reason why) noexcept;
  void lose_queue() noexcept;
  void end(engine::close_mode mode) noexcept;
  void finish() noexcept;
  void tell_closed() noexcept;
  void leave() noexcept;
  void phase_is_over() noexcept;
  void arm_linger() noexcept;

  void open() noexcept;
  /// Where its handlers run; null: here.
  [[nodiscard]] strand* elsewhere() const noexcept {
    return watch_ == nullptr ? nullptr : watch_->elsewhere();
  }
  /// Has a handler run, on the worker or elsewhere; one that throws ends the connection.
  template <typename Call>
  void call_handler(handler_kind which, Call call, strand::kind about = strand::kind::other) noexcept {
    if (strand* const there = elsewhere()) [[unlikely]] {
      if (!there->post(which, std::move(call), about)) lack_memory();
    } else {
      call_here(which, call);
    }
  }
  template <typename Call>
  void call_here(handler_kind which, Call&& call) noexcept {
    in_handler_ = true;
    const bool returned = guarded_call(worker_, *shell_, which, [&] { call(*callbacks_); });
    in_handler_ = false;
    worker_.release_retired_handlers();
    if (!returned) fail({close_cause::handler_threw});
  }
  /// The cause that a failed operation stands for.
  [[nodiscard]] static close_cause cause_of(std::error_code error) noexcept;
  void log(log_level level, const std::string& what) const noexcept;

  // What every message touches comes first: with many connections, what costs time is the cache lines.
  phase phase_ = phase::connecting;
  bool has_reason_ = false;
  bool closing_ = false;
  bool send_pending_ = false;
  /// What is pending is the engine's memory until it is over.
  bool keeps_buffers_ = false;
  /// The system refused to send for lack of room, and is asked again soon.
  bool retrying_ = false;
  /// There was more than one submission takes.
  bool goes_on_sending_ = false;
  bool receive_ended_ = false;
  bool resume_wanted_ = false;
  bool in_handler_ = false;
  bool pushes_at_once_ = false;
  close_cause cause_ = close_cause::local;
  worker& worker_;
  std::shared_ptr<shell> shell_;
  std::shared_ptr<const handlers> callbacks_;
  engine::stream* stream_ = nullptr;
  /// How long the queue may grow before it is pushed although its handler still runs.
  std::size_t push_at_bytes_ = 0;
  /// Null for most.
  std::unique_ptr<watch> watch_;
  send_queue queue_;
  protocol::assembler assembler_;

  std::unique_ptr<dial> dial_;
  /// Of what the peer sent after our end.
  std::size_t drained_bytes_ = 0;
  /// For a connecting one, the whole attempt; for a closing one, the patience with its peer.
  base::timer phase_timer_;
  std::error_code end_error_ = {};
  /// Of one that was accepted.
  admitted_place place_;
};

}  // namespace naru::core
