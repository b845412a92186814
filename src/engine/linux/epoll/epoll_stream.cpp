#include "engine/linux/epoll/epoll_stream.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <sys/socket.h>
#include <sys/uio.h>

#include "base/assert.hpp"
#include "base/fetch_lines.hpp"
#include "engine/linux/epoll/epoll_loop.hpp"
#include "engine/linux/socket_address.hpp"
#include "engine/linux/socket_options.hpp"

namespace naru::engine {
namespace {

/// Behind these there is more than bytes to be read: an end, an error, or urgent data.
constexpr std::uint32_t beyond_bytes = EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLPRI;

ssize_t send_now(int socket, std::span<const bytes_view> buffers) noexcept {
  if (buffers.size() == 1) return ::send(socket, buffers[0].data(), buffers[0].size(), MSG_NOSIGNAL);
  std::array<iovec, stream::send_buffers_max> parts;  // NOLINT: filled below as far as it is used
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    parts[i] = {.iov_base = const_cast<std::byte*>(buffers[i].data()), .iov_len = buffers[i].size()};
  }
  msghdr message = {};
  message.msg_iov = parts.data();
  message.msg_iovlen = buffers.size();
  return ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

}  // namespace

epoll_stream::epoll_stream(epoll_loop& loop, descriptor socket, const endpoint& remote, stage now,
                           stream_events& events) noexcept
    : epoll_source{std::move(socket)},
      loop_{loop},
      events_{&events},
      remote_{remote},
      connecting_{now == stage::connecting} {}

void epoll_stream::serve(std::uint32_t events) {
  if (connecting_) [[unlikely]] {
    if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0) return;
    finish_connecting();
  }
  if ((events & (EPOLLIN | beyond_bytes)) != 0 && !receive_ended_) {
    unread_ = true;
    read_to_the_end_ |= (events & beyond_bytes) != 0;
  }
  if (unread_ && receiving_) receive();
  // Behind receiving, which a send that finds an error would rob of it. The room may have been used up since
  // by try_finish_send; then on_sent says so once for nothing, and the next send finds out.
  if (send_pending_ && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) {
    send_pending_ = false;
    events_->on_sent(0, {});
  }
}

void epoll_stream::fetch_ahead() const noexcept {
  // The first cache lines of whoever is told: there it keeps what every message touches.
  base::fetch_lines(events_, 4);
}

void epoll_stream::finish_connecting() {
  connecting_ = false;
  int code = 0;
  socklen_t size = sizeof code;
  std::error_code error;
  if (::getsockopt(socket(), SOL_SOCKET, SO_ERROR, &code, &size) != 0) {
    error = last_error();
  } else if (code == ECONNRESET || code == EPIPE) {
    // The connection came about, and was broken before anybody looked: told as what it is, one after the
    // other. Asking has cleared the error, so a read will now find an end.
    reset_behind_ = true;
  } else if (code != 0) {
    error = {code, std::system_category()};
  } else if (local_endpoint() == remote_) {
    // Nobody listens at a port of the range that connects are given theirs from, and this one was given that
    // very port: two opens that cross make a connection (RFC 9293, 3.5), here of a socket with itself.
    error = std::make_error_code(std::errc::connection_refused);
    reset_on_close(socket());
  }
  if (error) receive_ended_ = send_ended_ = true;
  events_->on_connected(error);
}

void epoll_stream::receive() {
  // One scratch buffer is what a stream may have before others have their turn.
  std::span<std::byte> room = loop_.scratch();
  while (!room.empty()) {
    const ssize_t count = ::recv(socket(), room.data(), room.size(), 0);
    if (count > 0) {
      const auto bytes = static_cast<std::size_t>(count);
      const bytes_view received = room.first(bytes);
      room = room.subspan(bytes);
      // A read that leaves room has emptied the socket, and what comes later is an edge (epoll(7), question
      // 9).
      unread_ = room.empty() || read_to_the_end_;
      events_->on_received(received);
      if (!unread_ || !receiving_) return;  // also when it was closed
    } else if (count == 0) {
      return end_receiving(reset_behind_ ? std::make_error_code(std::errc::connection_reset)
                                         : std::error_code{});
    } else if (errno == EAGAIN) {
      unread_ = read_to_the_end_ = false;
      return;
    } else if (errno != EINTR) {
      return end_receiving(last_error());
    }
  }
  loop_.serve_again(*this);
}

void epoll_stream::end_receiving(std::error_code error) {
  unread_ = false;
  receive_ended_ = true;
  events_->on_receive_ended(error);
}

send_result epoll_stream::send(std::span<const bytes_view> buffers) noexcept {
  NARU_ASSERT(!connecting_ && !closed_ && !send_ended_,
              "only a connected stream can send, until it ends that");
  NARU_ASSERT(!send_pending_, "one send is pending at a time");
  NARU_ASSERT(!buffers.empty() && buffers.size() <= send_buffers_max, "a submission has 1 to 16 buffers");
  std::size_t total = 0;
  for (const bytes_view& buffer : buffers) total += buffer.size();
  NARU_ASSERT(total <= send_bytes_max, "a submission has at most 64 KiB");

  ssize_t count = 0;
  do {
    count = send_now(socket(), buffers);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return refused(errno);
  const auto taken = static_cast<std::size_t>(count);
  if (taken == total) return {.state = send_result::status::taken, .bytes = taken};
  // A write falls short where one that takes nothing would say EAGAIN: the kernel has noted that somebody
  // waits for room, and there will be an edge.
  send_pending_ = true;
  return {.state = send_result::status::pending, .bytes = taken, .keeps_buffers = false};
}

send_result epoll_stream::refused(int error) noexcept {
  if (error == EAGAIN) {
    send_pending_ = true;
    return {.state = send_result::status::pending, .keeps_buffers = false};
  }
  if (error == ENOBUFS || error == ENOMEM) return {.state = send_result::status::no_room};
  send_ended_ = true;
  return {.state = send_result::status::failed, .error = {error, std::system_category()}};
}

std::optional<stream::finished_send> epoll_stream::try_finish_send() noexcept {
  if (!send_pending_) return std::nullopt;
  send_pending_ = false;
  return finished_send{};
}

void epoll_stream::resume_receiving() noexcept {
  NARU_ASSERT(!closed_, "a closed stream receives no more");
  receiving_ = true;
  if (unread_) loop_.serve_again(*this);
}

void epoll_stream::pause_receiving() noexcept {
  receiving_ = false;
}

void epoll_stream::shutdown_send() noexcept {
  NARU_ASSERT(!send_pending_ && !closed_, "the end of the stream comes behind what is pending");
  send_ended_ = true;
  // Fails when the peer has reset the connection, which receiving tells.
  static_cast<void>(::shutdown(socket(), SHUT_WR));
}

void epoll_stream::close(close_mode mode) noexcept {
  NARU_ASSERT(!closed_, "a stream is closed once");
  // All flags that lead to an event are cleared: the callback that closes may have been called by `serve`.
  connecting_ = receiving_ = unread_ = send_pending_ = false;
  closed_ = true;
  if (mode == close_mode::reset) reset_on_close(socket());
  loop_.retire(*this);
}

endpoint epoll_stream::local_endpoint() const noexcept {
  if (local_.family() == address_family::none && !closed_) local_ = local_endpoint_of(socket());
  return local_;
}

}  // namespace naru::engine
