#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <system_error>

#include <naru/bytes.hpp>
#include <naru/endpoint.hpp>
#include <naru/error.hpp>

#include "engine/datagrams.hpp"
#include "engine/raw_socket.hpp"

/// The seam: what core asks of an operating system, and what it is told.
///
/// It is completion-shaped: an operation is asked for, and answered later, once. An engine belongs to one
/// worker and everything here is called on that worker's thread, but for `engine::wake`. Completions are
/// queued and then dispatched by `engine::poll`: no event comes from inside a call. Time and chance are not
/// its business.
///
/// Order, for one stream: on_connected; then on_received and on_sent in any mixture; on_receive_ended at most
/// once, and no on_received after it; on_closed last, exactly once, if and only if `close` was called.
namespace naru::engine {

/// Told about one stream. [worker]
class stream_events {
 public:
  /// A connect was answered. With an error nothing else will come but on_closed after `close`.
  virtual void on_connected(std::error_code error) = 0;
  /// Bytes came. They are the engine's, and die on return. Not while paused: after `pause_receiving` has
  /// returned no more of them come, what was taken from the system before is kept until `resume_receiving`.
  virtual void on_received(bytes_view bytes) = 0;
  /// Nothing more will be received: the peer ended its stream, or, with an error, receiving failed.
  virtual void on_receive_ended(std::error_code error) = 0;
  /// A pending send is over: `bytes` of its buffers were taken, perhaps fewer than all and perhaps none, and
  /// the buffers are the caller's again. With an error the stream can send no more.
  virtual void on_sent(std::size_t bytes, std::error_code error) = 0;
  /// The system holds nothing of ours any more, a pending send included (which gets no on_sent). The stream
  /// is destroyed when this returns.
  virtual void on_closed() = 0;

 protected:
  stream_events() = default;
  stream_events(const stream_events&) = default;
  stream_events& operator=(const stream_events&) = default;
  ~stream_events() = default;
};

/// What became of a `stream::send`.
struct send_result {
  enum class status : std::uint8_t {
    taken,    ///< `bytes` were taken, perhaps fewer than all; more may be sent at once
    pending,  ///< `bytes` were taken; on_sent will tell of the rest
    no_room,  ///< `bytes` were taken, then the system refused for lack of room, and will not say when there
              ///< is some: nothing is in flight, try again after a while
    failed,   ///< the stream can send no more
  };
  status state = status::taken;
  std::size_t bytes = 0;
  std::error_code error = {};
  /// With `pending`: the engine reads the buffers until on_sent. False: it only waits for room, and they may
  /// change or go meanwhile.
  bool keeps_buffers = true;
};

/// How `stream::close` treats what the system still holds.
enum class close_mode : std::uint8_t {
  orderly,  ///< what the system took is still sent
  reset,    ///< it is thrown away, and the peer sees a reset
};

/// A connected stream socket, or one that is connecting. Made by an engine, which owns it, and valid until
/// on_closed has returned. It starts paused. [worker]
class stream {
 public:
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  /// From now on told to somebody else: the attempt that won hands its stream to the connection.
  virtual void set_events(stream_events& events) noexcept = 0;

  /// Sends these buffers, in order. One submission is at most send_bytes_max bytes in send_buffers_max
  /// buffers. Not while a send is pending, nor after `shutdown_send`, `close` or a failure.
  [[nodiscard]] virtual send_result send(std::span<const bytes_view> buffers) noexcept = 0;
  static constexpr std::size_t send_bytes_max = std::size_t{64} << 10;
  static constexpr std::size_t send_buffers_max = 16;

  /// Looks whether the pending send is over, without waiting for `engine::poll`. If it is, answers what
  /// on_sent would have, which then does not come. An engine that would now learn of room by asking answers 0
  /// bytes.
  struct finished_send {
    std::size_t bytes = 0;
    std::error_code error = {};
  };
  [[nodiscard]] virtual std::optional<finished_send> try_finish_send() noexcept = 0;

  virtual void resume_receiving() noexcept = 0;
  virtual void pause_receiving() noexcept = 0;

  /// Ends the sending direction behind what was sent. Not while a send is pending.
  virtual void shutdown_send() noexcept = 0;

  /// Cancels what is pending and gives the socket back; on_closed follows, and nothing else before it. Once.
  virtual void close(close_mode mode) noexcept = 0;

  [[nodiscard]] virtual endpoint local_endpoint() const noexcept = 0;
  [[nodiscard]] virtual endpoint remote_endpoint() const noexcept = 0;

 protected:
  stream() = default;
  ~stream() = default;
};

/// Told about one listening socket. [worker]
class acceptor_events {
 public:
  /// A peer came. The socket may be adopted by an engine of any worker.
  virtual void on_accepted(raw_socket socket, const endpoint& remote) = 0;
  /// Accepting failed for want of something (descriptors, memory). The acceptor rests until `resume`.
  virtual void on_accept_failed(std::error_code error) = 0;
  /// The port is free. The acceptor is destroyed when this returns.
  virtual void on_closed() = 0;

 protected:
  acceptor_events() = default;
  acceptor_events(const acceptor_events&) = default;
  acceptor_events& operator=(const acceptor_events&) = default;
  ~acceptor_events() = default;
};

/// A listening socket. Made by an engine, which owns it, and valid until on_closed has returned. [worker]
class acceptor {
 public:
  acceptor(const acceptor&) = delete;
  acceptor& operator=(const acceptor&) = delete;

  /// Goes on after on_accept_failed.
  virtual void resume() noexcept = 0;
  /// on_closed follows, and nothing else before it. Once.
  virtual void close() noexcept = 0;

 protected:
  acceptor() = default;
  ~acceptor() = default;
};

/// Probes of a stream on which nothing moves; `after` 0: none. More than a system takes counts as that.
struct keep_alive {
  std::chrono::seconds after = {};
  std::chrono::seconds interval = {};
  unsigned probes_max = 0;
};

/// What is set on a stream's socket. 0 leaves it to the system.
struct stream_options {
  bool no_delay = true;
  std::size_t kernel_unsent_bytes_max = 0;
  keep_alive probes = {};
  std::chrono::milliseconds unacknowledged_max = {};
};

/// One worker's way to the operating system.
class engine {
 public:
  engine() = default;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  /// Nothing of it is open any more: every stream, acceptor and datagram socket has had its on_closed.
  virtual ~engine() = default;

  /// Serves an accepted socket. On an error the socket is closed. [worker]
  [[nodiscard]] virtual result<stream*> adopt(raw_socket socket, const endpoint& remote,
                                              const stream_options& options, stream_events& events) = 0;
  /// Begins to connect; on_connected answers. An error here means that nothing was begun. [worker]
  [[nodiscard]] virtual result<stream*> connect(const endpoint& remote, const stream_options& options,
                                                stream_events& events) = 0;
  /// Serves a socket that listens. On an error the socket is closed. [worker]
  [[nodiscard]] virtual result<acceptor*> accept_from(raw_socket socket, acceptor_events& events) = 0;
  /// Serves a bound datagram socket. On an error the socket is closed. [worker]
  [[nodiscard]] virtual result<datagram_socket*> share(raw_socket socket, const datagram_options& options,
                                                       datagram_events& events) = 0;
  /// Makes a datagram socket that exchanges datagrams with this peer only. There is nothing to wait for: it
  /// sends and receives from now on. [worker]
  [[nodiscard]] virtual result<datagram_socket*> connect(const endpoint& remote,
                                                         const datagram_options& options,
                                                         datagram_events& events) = 0;

  /// Waits until something is to be told, `wake` is called or `wait` is over, and dispatches what there is,
  /// giving each socket a bounded share. Not from inside an event. [worker]
  virtual void poll(std::chrono::nanoseconds wait) = 0;

  /// Ends the wait of the `poll` that runs, or of the next one. [any]
  virtual void wake() noexcept = 0;
};

}  // namespace naru::engine
