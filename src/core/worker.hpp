#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

#include <naru/handlers.hpp>

#include "base/clock.hpp"
#include "base/intrusive_list.hpp"
#include "base/timer_wheel.hpp"
#include "core/counters.hpp"
#include "core/handler_watch.hpp"
#include "core/inbox.hpp"
#include "core/logger.hpp"
#include "core/queue_supply.hpp"
#include "core/socket.hpp"
#include "engine/engine.hpp"

namespace naru::core {

class attempt;
class crew;
class datagram_batch;
class drain_letter;
class listener;
class udp_socket;

/// One thread's share of a network: an engine, timers, a clock and an inbox, and the sockets that it serves.
/// All of a socket's life happens here; other threads only write letters.
///
/// A turn: wait for the engine and dispatch what it tells; fire timers; open the mail; settle what the
/// handlers have left to do on other connections than their own. [worker], but for what says otherwise.
class worker {
 public:
  using time_point = base::clock::time_point;
  using socket_list = base::intrusive_list<socket, all_tag>;
  using listener_list = base::intrusive_list<listener, all_tag>;
  using udp_socket_list = base::intrusive_list<udp_socket, all_tag>;
  using drain_list = base::intrusive_list<drain_letter, all_tag>;
  using attempt_list = base::intrusive_list<attempt, all_tag>;
  using unsettled_list = base::intrusive_list<socket, unsettled_tag>;

  worker(crew& of, unsigned index, std::unique_ptr<engine::engine> system, const base::clock& time,
         const logger& log);
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  ~worker();

  /// The worker whose turn this thread runs, or null. [any]
  [[nodiscard]] static worker* current() noexcept { return current_; }
  void assert_here() const noexcept {
    NARU_ASSERT(current_ == this, "this runs on the worker that owns the object");
  }

  /// One turn, waiting for at most so long. False: the worker has ended and must not be turned any more.
  bool turn(std::chrono::nanoseconds wait_max);
  /// Turns until it has ended, also when it has ended already.
  void run();

  /// Puts letters where they belong: messages into their queues, all else behind, for this turn. Calls no
  /// handler.
  void take_in_mail() noexcept {
    if (mail_->has_mail()) sort_mail();
  }
  /// The socket has something to send or to end when the handlers have run.
  void settle_later(socket& one) noexcept;
  /// Has the worker end everything, in good order until the grace is over, and then itself. Once. [any]
  void stop(std::chrono::milliseconds grace) noexcept;
  [[nodiscard]] bool is_stopping() const noexcept { return stopping_; }
  /// The system refused to send for lack of room, with nothing in flight whose end would tell of some: all
  /// whom it refused try again soon (`socket::retry`).
  void retry_soon() noexcept;
  /// Keeps handlers that were exchanged while they ran, until they have returned.
  void retire_handlers(std::shared_ptr<const handlers> old) noexcept {
    if (retired_ == nullptr) retired_ = std::move(old);
  }
  void release_retired_handlers() noexcept {
    if (retired_ != nullptr) [[unlikely]]
      retired_.reset();
  }

  [[nodiscard]] time_point now() noexcept;
  /// Also inside a handler that has run for a while. [any]
  [[nodiscard]] const base::clock& time() const noexcept { return clock_; }
  /// A handler ran, which may have taken any time: the next `now` looks at the clock again.
  void time_has_passed() noexcept { now_is_fresh_ = false; }

  [[nodiscard]] unsigned index() const noexcept { return index_; }
  [[nodiscard]] crew& team() noexcept { return team_; }
  [[nodiscard]] engine::engine& system() noexcept { return *engine_; }
  [[nodiscard]] base::timer_wheel& timers() noexcept { return timers_; }
  [[nodiscard]] queue_supply& queues() noexcept { return queues_; }
  /// Memory has run out, under memory_max: ends the connections that have most waiting, until there is room
  /// for so many bytes and some distance. Calls no handler. False: there was nobody to end. From now on its
  /// queues note when a message came into them.
  void keep_queue_time() noexcept { queues_.keep_time_of(*this); }
  bool relieve_memory(std::size_t bytes_wanted) noexcept;
  [[nodiscard]] socket_list& sockets() noexcept { return sockets_; }
  [[nodiscard]] listener_list& listeners() noexcept { return listeners_; }
  [[nodiscard]] udp_socket_list& udp_sockets() noexcept { return udp_sockets_; }
  [[nodiscard]] attempt_list& attempts() noexcept { return attempts_; }
  /// Of listeners whose grace is not over yet; they are discarded with the worker.
  [[nodiscard]] drain_list& drains() noexcept { return drains_; }
  [[nodiscard]] handler_watch& watch() noexcept { return watch_; }
  [[nodiscard]] worker_counters& counters() noexcept { return counters_; }
  /// Makes the batch, if there is none yet; false when there is no memory. Before the first UDP socket.
  [[nodiscard]] bool prepare_datagrams() noexcept;
  [[nodiscard]] datagram_batch& datagrams() noexcept { return *datagrams_; }

  // [any]
  [[nodiscard]] inbox& mail() const noexcept { return *mail_; }
  [[nodiscard]] const std::shared_ptr<inbox>& shared_mail() const noexcept { return mail_; }
  [[nodiscard]] const worker_counters& counters() const noexcept { return counters_; }
  [[nodiscard]] const logger& log() const noexcept { return log_; }
  [[nodiscard]] const handler_watch& watch() const noexcept { return watch_; }
  /// Connections that it owns or is about to: what `crew` spreads by.
  [[nodiscard]] std::atomic<std::size_t>& load() noexcept { return load_; }
  [[nodiscard]] const std::atomic<std::size_t>& load() const noexcept { return load_; }

 private:
  template <typename Action>
  void for_each_connection(Action&& act);
  void sort_mail() noexcept;
  void open_mail() noexcept;
  void settle_all() noexcept;
  void push_datagrams() noexcept;
  void begin_stop() noexcept;
  void end_grace() noexcept;
  void retry() noexcept;
  [[nodiscard]] std::chrono::nanoseconds wait_for(std::chrono::nanoseconds wait_max) noexcept;
  [[nodiscard]] bool has_ended() noexcept;

  /// Part of the worker, so that `stop` cannot fail for want of memory.
  class stop_letter final : public letter {
   public:
    void deliver(worker& at) noexcept override { at.begin_stop(); }
    void discard() noexcept override {}
  };

  static inline thread_local constinit worker* current_ = nullptr;

  crew& team_;
  unsigned index_;
  std::unique_ptr<engine::engine> engine_;
  std::shared_ptr<inbox> mail_;
  const base::clock& clock_;
  const logger& log_;
  base::timer_wheel timers_;
  queue_supply queues_;
  worker_counters counters_;
  handler_watch watch_;
  std::unique_ptr<datagram_batch> datagrams_;
  std::atomic<std::size_t> load_ = 0;

  time_point now_;
  bool now_is_fresh_ = true;
  bool stopping_ = false;
  stop_letter stop_letter_;
  std::chrono::milliseconds grace_ = {};
  base::timer grace_timer_;
  base::timer retry_timer_;
  std::shared_ptr<const handlers> retired_ = nullptr;

  /// Letters that were taken in and wait for their turn, oldest first.
  letter* sorted_first_ = nullptr;
  letter* sorted_last_ = nullptr;
  socket_list sockets_;
  listener_list listeners_;
  udp_socket_list udp_sockets_;
  attempt_list attempts_;
  drain_list drains_;
  unsettled_list unsettled_;
};

}  // namespace naru::core
