#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include <naru/close_reason.hpp>
#include <naru/connection.hpp>
#include <naru/handlers.hpp>

#include "base/intrusive_list.hpp"
#include "base/mutex.hpp"
#include "core/handler_watch.hpp"
#include "core/letter.hpp"

namespace naru::core {

class crew;
class shell;
class worker;

struct strand_tag;

/// The handlers of one connection that run on a user's executor: one at a time, in order, with owned copies
/// of what came. The worker puts calls in; a task that the executor was given takes them out, until there are
/// none.
///
/// The socket of the connection lives until `on_closed` has run here, or until the executor has failed and no
/// handler runs any more: the worker is then told by a letter, and `on_closed` is the worker's to call when
/// it was not called here.
class strand final : public std::enable_shared_from_this<strand>, public base::list_node<strand_tag> {
 public:
  using call = std::move_only_function<void(const handlers&)>;

  /// What a call is about.
  enum class kind : std::uint8_t {
    other,
    message,     ///< not after the user's close; it waits while receiving is paused
    peer_ended,  ///< the same
    closed,      ///< the last one
  };

  /// Null when there is no memory. [worker]
  [[nodiscard]] static std::shared_ptr<strand> make(worker& at, std::shared_ptr<shell> of) noexcept;
  strand(worker& at, std::shared_ptr<shell> of);
  ~strand();
  strand(const strand&) = delete;
  strand& operator=(const strand&) = delete;

  // [worker]
  /// How many calls one task makes before it is the turn of what else the executor has.
  static constexpr unsigned calls_a_task = 256;

  /// Has it called, when its turn has come. False when there is no memory.
  template <typename Call>
  [[nodiscard]] bool post(handler_kind which, Call&& what, kind about = kind::other) noexcept
      NARU_EXCLUDES(mutex_) {
    try {
      return put({.which = which, .about = about, .what = call{std::forward<Call>(what)}});
    } catch (const std::bad_alloc&) {
      return false;
    }
  }
  /// The same for a message, which is copied, and counts against the limits of what waits.
  [[nodiscard]] bool post_message(bytes_view message) noexcept NARU_EXCLUDES(mutex_);
  /// What a message takes beside its bytes, an allocator's share included.
  static constexpr std::size_t message_overhead_bytes = 128;
  /// Whether one more message of so many bytes may wait.
  [[nodiscard]] bool has_room_for(std::size_t message_bytes) const noexcept NARU_EXCLUDES(mutex_);
  /// The same; when there is none, the worker is told (`doorbell::executor`) as soon as there is a good deal.
  [[nodiscard]] bool has_room_or_tells(std::size_t message_bytes) noexcept NARU_EXCLUDES(mutex_);
  /// What waits may go on: receiving was resumed, or others have had their turn. Not inside a handler.
  void resume() noexcept NARU_EXCLUDES(mutex_);
  /// No message is delivered any more; those that wait are freed.
  void drop_messages() noexcept NARU_EXCLUDES(mutex_);
  /// What the messages that wait take.
  [[nodiscard]] std::size_t memory_bytes() const noexcept NARU_EXCLUDES(mutex_);
  /// `on_closed` is the last call; the socket's `executor_done` follows, when it has run or the executor has
  /// failed. Further calls of this do nothing.
  void close(close_reason why) noexcept NARU_EXCLUDES(mutex_);
  /// The executor threw something away: nothing is called here any more, `on_closed` included. [any]
  [[nodiscard]] bool has_failed() const noexcept NARU_EXCLUDES(mutex_);
  /// The handlers that are in use now. [any]
  [[nodiscard]] std::shared_ptr<const handlers> callbacks() const noexcept NARU_EXCLUDES(mutex_);

  // [any]
  /// The one whose handler this thread runs, or null.
  [[nodiscard]] static strand* current() noexcept { return current_; }
  [[nodiscard]] bool is_of(const shell& which) const noexcept { return shell_.get() == &which; }
  [[nodiscard]] bool is_of(const crew& which) const noexcept;
  /// Inside one of its handlers.
  void exchange_handlers(std::shared_ptr<const handlers> own) noexcept NARU_EXCLUDES(mutex_);
  /// "connection 7: on_received on its executor", or what the executor has not run; empty when there is
  /// nothing. Throws std::bad_alloc.
  [[nodiscard]] std::string describe() const NARU_EXCLUDES(mutex_);

 private:
  struct waiting {
    handler_kind which;
    kind about = kind::other;
    std::size_t counted_bytes = 0;
    std::size_t message_bytes = 0;
    call what = {};
  };
  /// What the executor is given. Whoever destroys it unrun ends the connection.
  class ticket;
  /// Tells the worker that nothing runs here any more.
  class done_letter final : public letter {
   public:
    void deliver(worker& at) noexcept override;
    void discard() noexcept override { const auto last = std::move(of); }

    std::shared_ptr<strand> of = nullptr;
  };
  /// What `take_next` found.
  enum class found : std::uint8_t { a_call, nothing, nothing_and_it_is_over };

  [[nodiscard]] bool put(waiting one) noexcept NARU_EXCLUDES(mutex_);
  void submit() noexcept;
  [[nodiscard]] bool fits(std::size_t message_bytes) const noexcept NARU_REQUIRES(mutex_);
  void fail_and_tell() noexcept NARU_EXCLUDES(mutex_);
  /// Takes out all that waits, which is destroyed without the lock: it is the user's.
  [[nodiscard]] std::list<waiting> take_all() noexcept NARU_REQUIRES(mutex_);
  void uncount(const waiting& one) noexcept NARU_REQUIRES(mutex_);

  // [any]
  /// Runs what there is.
  static void run(std::shared_ptr<strand> self) noexcept;
  /// Puts the one whose turn it is into an empty list, and those that are not called any more.
  [[nodiscard]] found take_next(std::list<waiting>& next, std::list<waiting>& unrun, bool may_go_on) noexcept
      NARU_EXCLUDES(mutex_);
  [[nodiscard]] bool take_out(std::list<waiting>& next, std::list<waiting>& unrun) noexcept
      NARU_REQUIRES(mutex_);
  [[nodiscard]] bool reader_may_go_on() noexcept NARU_REQUIRES(mutex_);
  void make(waiting& one) noexcept NARU_EXCLUDES(mutex_);
  static void thrown_away(std::shared_ptr<strand> self) noexcept;
  [[nodiscard]] bool note_failure() noexcept NARU_EXCLUDES(mutex_);
  static void tell_done(std::shared_ptr<strand> self) noexcept;

  static inline thread_local constinit strand* current_ = nullptr;

  const std::shared_ptr<shell> shell_;
  worker& worker_;
  done_letter done_;
  /// `close` was called. [worker]
  bool closes_ = false;
  /// Its crew knows it. [worker, then whoever tells that it is over]
  bool is_known_ = false;
  /// The handler that runs here.
  std::atomic<std::uint8_t> running_ = 0;
  mutable base::mutex mutex_;
  std::list<waiting> calls_ NARU_GUARDED_BY(mutex_);
  std::shared_ptr<const handlers> callbacks_ NARU_GUARDED_BY(mutex_);
  std::size_t message_bytes_ NARU_GUARDED_BY(mutex_) = 0;
  std::size_t messages_ NARU_GUARDED_BY(mutex_) = 0;
  /// The executor has a ticket.
  bool is_out_ NARU_GUARDED_BY(mutex_) = false;
  bool has_failed_ NARU_GUARDED_BY(mutex_) = false;
  bool drops_messages_ NARU_GUARDED_BY(mutex_) = false;
  /// The worker waits for the one that runs.
  bool tells_when_back_ NARU_GUARDED_BY(mutex_) = false;
  /// The worker does not read since there is no room here.
  bool reader_waits_ NARU_GUARDED_BY(mutex_) = false;
};

}  // namespace naru::core
