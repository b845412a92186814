#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <naru/connection.hpp>

#include "base/spin_lock.hpp"
#include "core/counters.hpp"
#include "core/doorbell.hpp"
#include "core/inbox.hpp"
#include "core/outgoing.hpp"
#include "core/profile.hpp"
#include "core/rarities.hpp"
#include "core/socket.hpp"
#include "core/timed_task.hpp"

namespace naru::core {

class remote_send;

/// What a `connection` is made of: the part of it that any thread may touch, and the way to the socket that
/// only its worker may.
///
/// The socket owns it. When the socket goes, what a user has locked remains, and answers with errors.
class shell final : public connection {
 public:
  /// Whose socket a connection uses (R3.2).
  enum class role : std::uint8_t { lessor, renter };

  shell(connection_id id, role is, std::shared_ptr<const profile> common, std::shared_ptr<inbox> mail,
        doorbell& bell)
      : common_{std::move(common)}, mail_{std::move(mail)}, role_{is}, id_{id}, bell_{&bell} {}
  ~shell();

  /// A new one, known to its doorbell. Null when there is no memory. [any]
  [[nodiscard]] static std::shared_ptr<shell> make(std::shared_ptr<const profile> common,
                                                   std::shared_ptr<inbox> mail,
                                                   role is = role::lessor) noexcept;
  /// Every connection is a shell. [any]
  [[nodiscard]] static shell& of(connection& user) noexcept { return static_cast<shell&>(user); }
  [[nodiscard]] static const shell& of(const connection& user) noexcept {
    return static_cast<const shell&>(user);
  }

  // What `connection` forwards to. [any]
  [[nodiscard]] result<void> send_message(outgoing& message) noexcept;
  [[nodiscard]] result<void> send_shared(const message_ref& message) noexcept;
  [[nodiscard]] result<void> send_latest(std::uint64_t key, outgoing& message) noexcept;
  void request_close(std::chrono::milliseconds ignore_for = {}) noexcept;
  void request_confirm() noexcept;
  void request_abort() noexcept;
  void request_receiving(bool wanted) noexcept;
  [[nodiscard]] result<void> post_task(std::move_only_function<void(connection&)> task) noexcept;
  /// A period of 0: once.
  [[nodiscard]] result<timer> schedule(std::chrono::milliseconds delay, std::chrono::milliseconds period,
                                       std::move_only_function<void(connection&)> call) noexcept;
  [[nodiscard]] result<void> exchange(std::shared_ptr<const handlers> own) noexcept;
  void attach_object(attachment object) noexcept;
  [[nodiscard]] attachment attached_object() const noexcept;
  [[nodiscard]] connection_stats read_stats() const noexcept;
  [[nodiscard]] connection_id number() const noexcept { return id_; }
  [[nodiscard]] endpoint remote() const noexcept;
  [[nodiscard]] endpoint local() const noexcept;

  [[nodiscard]] std::weak_ptr<shell> weak_self() noexcept;
  [[nodiscard]] const std::shared_ptr<inbox>& shared_mail() const noexcept { return mail_; }
  [[nodiscard]] bool accepts_sends() const noexcept {
    return ended_by_.load(std::memory_order_acquire) == ender::nobody;
  }
  [[nodiscard]] bool receives() const noexcept { return receiving_.load(std::memory_order_acquire); }
  [[nodiscard]] const profile& common() const noexcept { return *common_; }
  [[nodiscard]] bool is_renter() const noexcept { return role_ == role::renter; }

  /// Counts a message of so many bytes as waiting, if the limits allow. [any]
  [[nodiscard]] bool try_reserve(std::size_t bytes) noexcept {
    if (common_->limits_more_than_bytes) [[unlikely]]
      return try_reserve_message(bytes);
    return try_reserve_bytes(bytes);
  }
  /// Counts bytes alone. [any]
  [[nodiscard]] bool try_reserve_bytes(std::size_t bytes) noexcept;
  /// Undoes `reserve_from_afar`. [any]
  void release_from_afar(std::size_t bytes, bool counted) noexcept;
  /// Undoes that for messages that have gone. [any]
  void release(std::size_t bytes, std::size_t messages) noexcept {
    backlog_.fetch_sub(bytes, std::memory_order_relaxed);
    if (common_->limits_more_than_bytes) [[unlikely]]
      release_messages(messages);
  }
  [[nodiscard]] std::size_t reserved() const noexcept { return backlog_.load(std::memory_order_relaxed); }

  /// Who began to end the connection: the first one counts, also when its letter has not reached the worker
  /// before something else ends it there.
  enum class ender : std::uint8_t { nobody, socket, user, overflow, no_memory, handler, executor };
  /// From now on `is_closed`. False when it was before. [any]
  bool begin_end(ender who) noexcept {
    ender before = ender::nobody;
    return ended_by_.compare_exchange_strong(before, who, std::memory_order_acq_rel);
  }
  /// What happens where handlers run that are not on the worker: it is ended at once. [any]
  void end_from_afar(ender who) noexcept {
    begin_end(who);
    ring(doorbell::abort);
  }
  /// Asks the socket for something. [any]
  void ring(doorbell::request what) noexcept { bell_->ring(*mail_, what); }
  /// Whether handlers may still hear of what came before the end: not when the user has ended it. [any]
  [[nodiscard]] bool is_listened_to() const noexcept {
    const ender by = ended_by_.load(std::memory_order_acquire);
    return by == ender::nobody || by == ender::socket;
  }
  /// The reason that stands: this one, unless somebody else was first.
  [[nodiscard]] close_reason reason_or(close_reason why) const noexcept;

  // The rest is the socket's business. [worker]

  void set_socket(socket& owner) noexcept { socket_ = &owner; }
  void set_endpoints(const endpoint& remote_end, const endpoint& local_end) noexcept;
  /// The peer has written to another address of this host: from now on it is answered from there.
  void move_to(const endpoint& local_end) noexcept;
  /// Where these stand for as long as the shell lives, once they are set.
  [[nodiscard]] const endpoint& remote_place() const noexcept { return remote_; }
  [[nodiscard]] const endpoint& local_place() const noexcept { return local_; }
  [[nodiscard]] std::chrono::milliseconds ignore_for() const noexcept {
    return std::chrono::milliseconds{ignore_for_ms_.load(std::memory_order_relaxed)};
  }
  /// What few connections need. Null when there is no memory for it. [any]
  [[nodiscard]] rarities* rare() noexcept;
  /// A byte has waited for backlog_age_max. [any]
  [[nodiscard]] bool is_too_old() const noexcept {
    return common_->limits_more_than_bytes && known_rare()->too_old.load(std::memory_order_relaxed);
  }
  /// Null also when it was never needed. [any]
  [[nodiscard]] rarities* known_rare() const noexcept { return rarities_.load(std::memory_order_acquire); }
  /// A send that found no room. [any]
  void count_refused() noexcept;
  /// Messages that were let in and will not be sent. [worker]
  void count_dropped(worker_counters& of_worker, std::size_t messages) noexcept;
  void count_lost(worker_counters& of_worker, std::size_t messages) noexcept;
  void count_paused(worker_counters& of_worker) noexcept;
  /// The socket is gone, and with it all that users had hung on it.
  void detach() noexcept;
  /// A message from another thread has come: into the socket's queue, or, when the socket is still to be
  /// made, kept for it.
  void take_in(remote_send& message) noexcept;
  void take_in_early_mail() noexcept;
  void answer(std::uint8_t requests) noexcept;
  /// The socket is gone.
  [[nodiscard]] bool has_ended() const noexcept { return ended_; }
  /// A timer of this connection. False when it has ended.
  [[nodiscard]] bool take_on(connection_task& timed) noexcept;
  [[nodiscard]] socket* behind() const noexcept { return socket_; }

  /// Messages in the queue, as of the last time it was looked at.
  counter backlog_messages;
  counter bytes_received;
  counter bytes_sent;
  counter messages_received;
  counter messages_sent;

 private:
  /// Whether this thread is the worker that owns the socket, and the socket is there. [any]
  [[nodiscard]] bool is_at_hand() const noexcept;
  [[nodiscard]] result<void> send_from_afar(outgoing& message) noexcept;
  [[nodiscard]] result<void> post_letter(remote_send* letter, std::size_t charge, bool counted) noexcept;
  [[nodiscard]] bool reserve_from_afar(std::size_t bytes, bool counts) noexcept;
  [[nodiscard]] bool try_reserve_message(std::size_t bytes) noexcept;
  void release_messages(std::size_t messages) const noexcept;
  /// Whether only the worker can say if there is room.
  [[nodiscard]] bool makes_room_by_dropping() const noexcept {
    return common_->options.when_backlog_full == backlog_policy::drop_oldest;
  }
  enum class replacement : std::uint8_t { done, no_such, no_room, no_memory };
  [[nodiscard]] replacement replace_latest(rarities& in, std::uint64_t key, outgoing& message,
                                           const wrapping& around, std::size_t wire_bytes) noexcept;
  /// Nothing when there is one of that key by now.
  [[nodiscard]] std::optional<result<void>> add_latest(rarities& in, std::uint64_t key, outgoing& message,
                                                       const wrapping& around,
                                                       std::size_t wire_bytes) noexcept;
  [[nodiscard]] bool count_arrived(remote_send& message) noexcept;
  /// The first of those that came early, as a list. Null when there is none.
  [[nodiscard]] letter* take_early() noexcept;
  result<void> full() noexcept;
  result<void> give_up(ender why, doorbell::request tell, std::error_code error) noexcept;

  // What every message touches comes first, together with the counters above: with many connections, what
  // costs time is the cache lines.
  std::shared_ptr<const profile> common_;
  std::shared_ptr<inbox> mail_;
  socket* socket_ = nullptr;
  std::atomic<std::size_t> backlog_ = 0;
  std::atomic<std::size_t> backlog_highest_ = 0;
  std::atomic<ender> ended_by_ = ender::nobody;
  std::atomic<bool> receiving_ = true;

  std::atomic<bool> endpoints_known_ = false;
  const role role_;
  /// Guards the attachment, and the local address of a renter.
  mutable base::spin_lock lock_;
  bool attachment_released_ = false;
  bool ended_ = false;
  connection_id id_;
  doorbell* bell_;
  attachment attachment_ = {};
  endpoint remote_ = {};
  endpoint local_ = {};
  /// The last message of those that came before there was a socket; the first one is behind it, in a ring.
  letter* early_last_ = nullptr;
  std::atomic<std::int64_t> ignore_for_ms_ = 0;
  std::atomic<rarities*> rarities_ = nullptr;
};

// In every send's way, so that no call stands before it.
inline bool shell::try_reserve_bytes(std::size_t wire_bytes) noexcept {
  const std::size_t limit = common_->options.backlog_bytes_max;
  std::size_t before = backlog_.load(std::memory_order_relaxed);
  do {
    if (wire_bytes > limit || before > limit - wire_bytes) return false;
  } while (!backlog_.compare_exchange_weak(before, before + wire_bytes, std::memory_order_relaxed));
  const std::size_t now = before + wire_bytes;
  std::size_t highest = backlog_highest_.load(std::memory_order_relaxed);
  while (now > highest && !backlog_highest_.compare_exchange_weak(highest, now, std::memory_order_relaxed)) {
  }
  return true;
}

}  // namespace naru::core
