#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <naru/close_reason.hpp>
#include <naru/handlers.hpp>
#include <naru/options.hpp>

#include "base/mutex.hpp"
#include "core/handler_watch.hpp"
#include "core/letter.hpp"
#include "core/profile.hpp"

namespace naru::core {

class crew;
class inbox;
class logger;
class shell;

/// The handlers of one connection that run on a user's executor: one at a time, in order, with owned copies of what
/// came. The worker puts calls in; a task that the executor was given takes them out, until there are none.
///
/// The socket of the connection lives until `on_closed` has run here, or until the executor has failed and no handler
/// runs: the worker is then told by a letter, and `on_closed` is the worker's to call when it was not called here.
class strand final : public std::enable_shared_from_this<strand> {
 public:
  using call = std::move_only_function<void(const handlers&)>;

  /// What a call is about.
  enum class kind : std::uint8_t {
    other,
    message,     ///< not after a close; it waits while receiving is paused
    peer_ended,  ///< it waits while receiving is paused
    closed,      ///< the last one
  };

  strand(std::shared_ptr<shell> of, crew& team, const logger& log) noexcept;
  strand(const strand&) = delete;
  strand& operator=(const strand&) = delete;

  // [worker]
  /// Has it called, when its turn has come. False when there is no memory.
  [[nodiscard]] bool post(handler_kind which, call what, kind about = kind::other) noexcept
      NARU_EXCLUDES(mutex_);
  /// The same for a message, which is copied.
  [[nodiscard]] bool post_message(bytes_view message) noexcept NARU_EXCLUDES(mutex_);
  /// Whether one more message of so many bytes may wait.
  [[nodiscard]] bool has_room_for(std::size_t message_bytes) const noexcept NARU_EXCLUDES(mutex_);
  /// The same; when there is none, the worker is told (`doorbell::executor`) as soon as there is a good deal.
  [[nodiscard]] bool has_room_or_tells(std::size_t message_bytes) noexcept NARU_EXCLUDES(mutex_);
  /// What waited while receiving was paused may go on.
  void resume() noexcept NARU_EXCLUDES(mutex_);
  /// `on_closed` is the last call; the socket's `executor_done` follows, when it has run or the executor has failed.
  void close(close_reason why) noexcept NARU_EXCLUDES(mutex_);
  /// The executor threw something away: nothing is called here any more, `on_closed` included. [any]
  [[nodiscard]] bool has_failed() const noexcept NARU_EXCLUDES(mutex_);
  /// The handlers that are in use now.
  [[nodiscard]] std::shared_ptr<const handlers> callbacks() const noexcept NARU_EXCLUDES(mutex_);

  // [any]
  /// The one whose handler this thread runs, or null.
  [[nodiscard]] static strand* current() noexcept { return current_; }
  [[nodiscard]] bool is_of(const shell& which) const noexcept { return shell_.get() == &which; }
  [[nodiscard]] bool is_of(const crew& which) const noexcept { return &team_ == &which; }
  /// Inside one of its handlers.
  void exchange_handlers(std::shared_ptr<const handlers> own) noexcept NARU_EXCLUDES(mutex_);

 private:
  struct waiting {
    handler_kind which = "executor";
    kind about = kind::other;
    std::size_t counted_bytes = 0;
    std::size_t message_bytes = 0;
    call what = {};
  };
  /// What the executor is given. Whoever destroys it unrun ends the connection.
  class ticket;
  /// Tells the worker that `on_closed` has run.
  class done_letter final : public letter {
   public:
    void deliver(worker& at) noexcept override;
    void discard() noexcept override { const auto last = std::move(of); }

    std::shared_ptr<strand> of;
  };

  [[nodiscard]] bool put(waiting one) noexcept NARU_EXCLUDES(mutex_);
  void submit() noexcept;
  /// Runs what there is. [any]
  void run() noexcept NARU_EXCLUDES(mutex_);
  [[nodiscard]] bool take_next(waiting& next) noexcept NARU_EXCLUDES(mutex_);
  void make(waiting& one) noexcept;
  void thrown_away() noexcept NARU_EXCLUDES(mutex_);
  void forget(const waiting& one) noexcept NARU_REQUIRES(mutex_);
  [[nodiscard]] bool fits(std::size_t message_bytes) const noexcept NARU_REQUIRES(mutex_);
  [[nodiscard]] bool reader_may_go_on() const noexcept NARU_REQUIRES(mutex_);
  void fail_and_tell() noexcept NARU_EXCLUDES(mutex_);
  [[nodiscard]] bool tells_after_running() noexcept NARU_EXCLUDES(mutex_);
  void tell_done() noexcept;

  static inline thread_local constinit strand* current_ = nullptr;

  const std::shared_ptr<shell> shell_;
  crew& team_;
  const logger& log_;
  done_letter done_;
  /// What runs on the executor, for other threads to see.
  std::atomic<std::uint8_t> running_ = 0;
  mutable base::mutex mutex_;
  std::deque<waiting> calls_ NARU_GUARDED_BY(mutex_);
  std::shared_ptr<const handlers> callbacks_ NARU_GUARDED_BY(mutex_);
  std::size_t message_bytes_ NARU_GUARDED_BY(mutex_) = 0;
  std::size_t messages_ NARU_GUARDED_BY(mutex_) = 0;
  /// The executor has a ticket.
  bool is_out_ NARU_GUARDED_BY(mutex_) = false;
  bool has_failed_ NARU_GUARDED_BY(mutex_) = false;
  /// The worker waits for the one that runs.
  bool tells_when_back_ NARU_GUARDED_BY(mutex_) = false;
  /// The worker does not read since there is no room here.
  bool reader_waits_ NARU_GUARDED_BY(mutex_) = false;
};

}  // namespace naru::core
