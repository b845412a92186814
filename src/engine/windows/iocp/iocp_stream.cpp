#include "engine/windows/iocp/iocp_stream.hpp"

#include <array>
#include <utility>

#include "base/assert.hpp"
#include "engine/windows/iocp/iocp_loop.hpp"
#include "engine/windows/socket_options.hpp"
#include "engine/windows/windows_error.hpp"

namespace naru::engine {
namespace {

std::size_t fill(std::span<WSABUF> parts, std::span<const bytes_view> buffers) noexcept {
  std::size_t total = 0;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    parts[i].len = static_cast<ULONG>(buffers[i].size());
    parts[i].buf = const_cast<char*>(reinterpret_cast<const char*>(buffers[i].data()));
    total += buffers[i].size();
  }
  return total;
}

}  // namespace

iocp_stream::iocp_stream(iocp_loop& loop, owned_socket socket, const endpoint& remote, stage now,
                         stream_events& events) noexcept
    : iocp_source{std::move(socket)},
      loop_{loop},
      events_{&events},
      remote_{remote},
      connecting_{now == stage::connecting} {}

void iocp_stream::begin() noexcept {
  await_bytes();
}

std::error_code iocp_stream::begin_connecting(const socket_address& address) noexcept {
  DWORD sent_bytes = 0;
  const BOOL success =
      loop_.calls().connect(socket(), address.data(), address.size(), nullptr, 0, &sent_bytes, send_.fresh());
  switch (begun(send_, success != FALSE)) {
    case start::done:
      connect_untold_ = true;
      loop_.serve_again(*this);
      return {};
    case start::pending:
      return {};
    case start::refused:
      break;
  }
  return last_socket_error();
}

void iocp_stream::completed(operation& done, std::size_t bytes, std::error_code error) {
  if (&done == &send_) {
    if (connecting_) return connected(error);
    return sent(bytes, error);
  }
  // Behind an error there may still be bytes that came before it.
  end_error_ = error;
  unread_ = true;
  if (receiving_) receive();
}

void iocp_stream::take_turn() {
  if (connect_untold_) {
    connect_untold_ = false;
    connected({});
    return;
  }
  if (!unread_ && !receive_ended_ && !receive_.under_way()) await_bytes();
  if (unread_ && receiving_) receive();
}

void iocp_stream::connected(std::error_code error) {
  connecting_ = false;
  bool broken = error == std::errc::connection_reset;
  if (!error) {
    error = take_on_connection(socket());
    if (error == std::errc::not_connected) {
      broken = true;
    } else if (!error && local_endpoint() == remote_) {
      // Nobody listens at a port of the range that connects are given theirs from, and this one was given
      // that very port: two opens that cross make a connection (RFC 9293, 3.5), here of a socket with itself.
      error = std::make_error_code(std::errc::connection_refused);
      reset_on_close(socket());
    }
  }
  if (broken) {
    // The connection came about, and was broken before anybody looked: told as what it is, one after the
    // other.
    end_error_ = socket_error(WSAECONNRESET);
    unread_ = true;
    error = {};
  }
  if (error) {
    receive_ended_ = send_ended_ = true;
  } else if (!unread_) {
    await_bytes();
  }
  events_->on_connected(error);
}

void iocp_stream::await_bytes() noexcept {
  WSABUF none = {};
  DWORD bytes = 0;
  DWORD flags = 0;
  const int outcome = loop_.calls().receive(socket(), &none, 1, &bytes, &flags, receive_.fresh(), nullptr);
  switch (begun(receive_, outcome == 0)) {
    case start::done:
      unread_ = true;
      return;
    case start::pending:
      unread_ = false;
      return;
    case start::refused:
      break;
  }
  const int error = ::WSAGetLastError();
  if (lacks_room(error)) {
    unread_ = false;
    loop_.serve_later(*this);
  } else {
    end_error_ = socket_error(error);
    unread_ = true;
    loop_.serve_again(*this);
  }
}

void iocp_stream::receive() {
  // One scratch buffer is what a stream may have before others have their turn.
  const std::span<std::byte> room = loop_.scratch();
  const int count = ::recv(socket(), reinterpret_cast<char*>(room.data()), static_cast<int>(room.size()), 0);
  if (count > 0) {
    const auto bytes = static_cast<std::size_t>(count);
    events_->on_received(room.first(bytes));
    if (is_closed() || !receiving_) return;
    if (bytes == room.size() || end_error_) return loop_.serve_again(*this);
  } else if (count == 0) {
    return end_receiving(end_error_ || send_ended_ ? end_error_ : how_it_ended(socket()));
  } else if (!lacks_room(::WSAGetLastError())) {
    return end_receiving(end_error_ ? end_error_ : last_socket_error());
  } else if (end_error_) {
    return end_receiving(end_error_);
  }
  await_bytes();
  if (unread_) loop_.serve_again(*this);
}

void iocp_stream::end_receiving(std::error_code error) {
  unread_ = false;
  receive_ended_ = true;
  receiving_ = false;
  events_->on_receive_ended(error);
}

send_result iocp_stream::send(std::span<const bytes_view> buffers) noexcept {
  NARU_ASSERT(!connecting_ && !is_closed() && !send_ended_,
              "only a connected stream can send, until it ends that");
  NARU_ASSERT(!send_pending_, "one send is pending at a time");
  NARU_ASSERT(!buffers.empty() && buffers.size() <= send_buffers_max, "a submission has 1 to 16 buffers");
  std::array<WSABUF, send_buffers_max> all;  // NOLINT: filled below as far as it is used
  const std::span parts = std::span{all}.first(buffers.size());
  const std::size_t total = fill(parts, buffers);
  NARU_ASSERT(total <= send_bytes_max, "a submission has at most 64 KiB");
  static_cast<void>(total);
  if (send_.under_way()) return send_aside(parts);

  DWORD bytes = 0;
  const int outcome = loop_.calls().send(socket(), parts.data(), static_cast<DWORD>(parts.size()), &bytes, 0,
                                         send_.fresh(), nullptr);
  switch (begun(send_, outcome == 0)) {
    case start::done:
      return {.state = send_result::status::taken, .bytes = bytes};
    case start::pending:
      send_pending_ = true;
      return {.state = send_result::status::pending};
    case start::refused:
      break;
  }
  return refused();
}

send_result iocp_stream::send_aside(std::span<WSABUF> parts) noexcept {
  // The operation still belongs to a send whose end was found out early. What the system has room for goes
  // without one; for the rest there is room when that completion was taken out of the port, or not yet.
  DWORD bytes = 0;
  if (loop_.calls().send(socket(), parts.data(), static_cast<DWORD>(parts.size()), &bytes, 0, nullptr,
                         nullptr) == 0) {
    return {.state = send_result::status::taken, .bytes = bytes};
  }
  if (::WSAGetLastError() != WSAEWOULDBLOCK) return refused();
  send_pending_ = waits_for_port_ = true;
  return {.state = send_result::status::pending};
}

send_result iocp_stream::refused() noexcept {
  const int error = ::WSAGetLastError();
  if (lacks_room(error)) return {.state = send_result::status::no_room};
  send_ended_ = true;
  return {.state = send_result::status::failed, .error = socket_error(error)};
}

void iocp_stream::sent(std::size_t bytes, std::error_code error) {
  if (send_told_) {
    send_told_ = false;
    if (!waits_for_port_) return;
    waits_for_port_ = false;
    bytes = 0;
    error = {};
  }
  send_pending_ = false;
  if (error) send_ended_ = true;
  events_->on_sent(bytes, error);
}

std::optional<stream::finished_send> iocp_stream::try_finish_send() noexcept {
  if (!send_pending_ || waits_for_port_ || !send_.is_done()) return std::nullopt;
  send_pending_ = false;
  send_told_ = true;
  finished_send end = {.bytes = static_cast<std::size_t>(send_.InternalHigh)};
  end.error = error_of(send_);
  if (end.error) send_ended_ = true;
  return end;
}

void iocp_stream::resume_receiving() noexcept {
  NARU_ASSERT(!is_closed(), "a closed stream receives no more");
  if (receive_ended_) return;
  receiving_ = true;
  if (unread_) loop_.serve_again(*this);
}

void iocp_stream::shutdown_send() noexcept {
  NARU_ASSERT(!send_pending_ && !is_closed(), "the end of the stream comes behind what is pending");
  send_ended_ = true;
  // Fails when the peer has reset the connection, which receiving tells.
  static_cast<void>(::shutdown(socket(), SD_SEND));
}

void iocp_stream::close(close_mode mode) noexcept {
  NARU_ASSERT(!is_closed(), "a stream is closed once");
  receiving_ = unread_ = false;
  if (mode == close_mode::reset) reset_on_close(socket());
  loop_.retire(*this);
}

endpoint iocp_stream::local_endpoint() const noexcept {
  if (connecting_) return {};
  if (local_.family() == address_family::none && !is_closed()) local_ = local_endpoint_of(socket());
  return local_;
}

}  // namespace naru::engine
