#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <naru/attachment.hpp>
#include <naru/bytes.hpp>
#include <naru/endpoint.hpp>
#include <naru/error.hpp>
#include <naru/export.hpp>
#include <naru/message.hpp>
#include <naru/socket_id.hpp>
#include <naru/stats.hpp>
#include <naru/timer.hpp>

namespace naru {

struct handlers;
enum class transport : std::uint8_t;

/// A link to a remote host, through which messages are sent and received.
///
/// With UDP a message is a datagram. The connections of a listener are the renters of its one socket, each
/// for one address; a connected one is the lessor of a socket of its own.
///
/// Ownership: the socket behind it owns it. Users keep a `weak_ptr` (`weak_from_this()`); what they have
/// locked after the end is a shell, whose every call answers with an error, also after the network is gone.
///
/// Thread safety: every member may be called from any thread at any time. None of them blocks.
///
/// Re-entrancy: every member may be called inside any handler of any connection. No handler runs inside a
/// call.
class NARU_API connection : public std::enable_shared_from_this<connection> {
 public:
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Queues one message. Its bytes are copied before the call returns. What a handler sends to its own
  /// connection leaves when the handlers for what was received have run, or as soon as 64 KiB have come
  /// together; all else at the end of the worker's turn. While connecting, messages wait for the connection.
  ///
  /// If one send happens before another, its bytes go first; messages never interleave.
  ///
  /// Errors: `closed`; `message_too_large`; `invalid_message` and what else a codec says; `backlog_full`, and
  /// what happens then is the `backlog_policy`; `std::errc::not_enough_memory`, and a TCP connection then
  /// ends
  /// (`memory`), since a stream with a gap would be worth nothing.
  result<void> send(bytes_view message);
  result<void> send(std::string_view message) { return send(as_bytes(message)); }
  result<void> send(const char* message) { return send(std::string_view{message}); }

  /// Several pieces as one message.
  result<void> send(std::span<const bytes_view> pieces);
  result<void> send(std::initializer_list<bytes_view> pieces) {
    return send(std::span<const bytes_view>{pieces.begin(), pieces.size()});
  }

  /// A message that is moved in: a large one (16 KiB or more) is not copied. On an error it is left as it
  /// was.
  result<void> send(std::vector<std::byte>&& message);
  result<void> send(std::string&& message);

  /// A message that others are sent too: its bytes are not copied.
  result<void> send(const message& shared);

  /// As `send`; but where a message of the same key waits still, of which nothing is on its way, this one
  /// takes its place in the queue: positions, scores, whatever only the newest value of matters. A peer that
  /// reads slowly gets the newest, and never a queue of stale ones. The one that was replaced counts as
  /// `messages_replaced`.
  ///
  /// Errors: those of `send`. One that is refused leaves the former one waiting.
  result<void> send_latest(std::uint64_t key, bytes_view message);
  result<void> send_latest(std::uint64_t key, std::string_view message) {
    return send_latest(key, as_bytes(message));
  }
  result<void> send_latest(std::uint64_t key, const char* message) {
    return send_latest(key, std::string_view{message});
  }

  /// Ends the connection in good order: what is queued is sent, then the end of the stream; then what the
  /// peer still sends is thrown away until it ends its own (see `connection_options::linger_timeout`). No
  /// message is delivered after this call. `on_closed` comes when all that is done. A second call does
  /// nothing.
  ///
  /// A renter's peer is not told: the next datagram from its address makes a new connection.
  void close() noexcept;
  /// The same, and what comes from the peer's address is thrown away for so long: a peer that was sent away
  /// is not back with its next datagram. TCP and connected UDP sockets just close.
  void close(std::chrono::milliseconds ignore_for) noexcept;

  /// Ends the connection at once: what is queued is lost, the peer sees a reset. Also after `close`, to cut
  /// its lingering short.
  void abort() noexcept;

  /// True from the call of `close` or `abort` on, or from the moment the connection ended otherwise.
  [[nodiscard]] bool is_closed() const noexcept;

  /// Stops handing over messages; the system's buffers fill, and the peer has to wait. In a handler it takes
  /// effect at once: the next message waits. From another thread, soon. UDP peers do not wait: what comes
  /// meanwhile is thrown away, and counted.
  void pause_receiving() noexcept;
  /// Goes on where `pause_receiving` stopped.
  void resume_receiving() noexcept;

  /// UDP: the peer is known to whoever calls this, by a login or a cookie, and its address with it. It leaves
  /// probation, as soon as `max_connections` has room for it, and is never evicted from then on. Does nothing
  /// elsewhere.
  void confirm() noexcept;

  [[nodiscard]] transport over() const noexcept;
  /// True for a UDP connection that uses a listener's socket; false for those that own theirs.
  [[nodiscard]] bool is_renter() const noexcept;

  /// The peer; before an outgoing connection came about, no address (`address_family::none`).
  [[nodiscard]] endpoint remote_endpoint() const noexcept;
  /// This side; likewise.
  [[nodiscard]] endpoint local_endpoint() const noexcept;
  [[nodiscard]] connection_id id() const noexcept;
  /// Bytes that `send` accepted and the system has not taken yet, framing included.
  [[nodiscard]] std::size_t backlog_bytes() const noexcept;
  [[nodiscard]] connection_stats stats() const noexcept;

  /// Runs `task` on the worker that owns this connection, as if it were a handler, after what this thread has
  /// sent. It is destroyed unrun when the connection ends first.
  ///
  /// Errors: `closed`; `std::errc::not_enough_memory`.
  result<void> post(std::move_only_function<void(connection&)> task);

  /// Runs `call` once, when `delay` is over, on the worker that owns this connection, as if it were a
  /// handler: nothing else of this connection runs meanwhile, and an exception that leaves it ends the
  /// connection
  /// (`handler_threw`). It runs also while the connection is still connecting. From `close` or `abort` on, or
  /// from when the connection ended otherwise, it does not; then it is destroyed unrun, after `on_closed` at
  /// the latest. What this costs, and how exact it is: see `timer`.
  ///
  /// The delay counts from this call, on another thread from when the worker hears of it. It takes memory of
  /// its own, no more than 128 bytes beside what `call` allocates.
  ///
  /// Errors: `closed`; `negative_duration`; `std::errc::not_enough_memory`.
  result<timer> after(std::chrono::milliseconds delay, std::move_only_function<void(connection&)> call);
  /// The same again and again, first when one period is over. That it goes on costs no memory.
  ///
  /// Errors: those of `after`; `zero_limit` for a period of 0.
  result<timer> every(std::chrono::milliseconds period, std::move_only_function<void(connection&)> call);

  /// Carries the user's own object; a former one is released. All are released after `on_closed`: one
  /// attached later is released at once.
  void attach(attachment object) noexcept;

  /// The attached object, or null when there is none or it was attached as another type.
  template <typename T>
  [[nodiscard]] std::shared_ptr<T> attached() const noexcept {
    return current_attachment().template get<T>();
  }

  /// Gives this connection handlers of its own, from the next event on; only inside one of its handlers or
  /// posted tasks (login, then game).
  ///
  /// Errors: `not_in_handler`.
  result<void> exchange_handlers(handlers own);
  result<void> exchange_handlers(std::shared_ptr<const handlers> shared);

 protected:
  connection() = default;
  ~connection() = default;

 private:
  [[nodiscard]] attachment current_attachment() const noexcept;
};

}  // namespace naru
