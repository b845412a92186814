#include "engine/windows/socket_options.hpp"

#include <algorithm>
#include <limits>

#include "engine/windows/socket_address.hpp"
#include "engine/windows/windows_error.hpp"
#include "engine/windows/wine.hpp"

namespace naru::engine {

result<owned_socket> make_socket(int family, int type) noexcept {
  const int protocol = type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
  owned_socket made{
      ::WSASocketW(family, type, protocol, nullptr, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT)};
  if (!made) return std::unexpected{last_socket_error()};
  u_long does_not_wait = 1;
  if (::ioctlsocket(made.get(), static_cast<long>(FIONBIO), &does_not_wait) != 0) {
    return std::unexpected{last_socket_error()};
  }
  return made;
}

std::error_code set_option(SOCKET socket, int level, int name, DWORD value) noexcept {
  if (::setsockopt(socket, level, name, reinterpret_cast<const char*>(&value), sizeof value) != 0) {
    return last_socket_error();
  }
  return {};
}

std::error_code apply(const stream_options& options, SOCKET socket) noexcept {
  if (options.no_delay) return set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  return {};
}

void apply(const datagram_options& options, SOCKET socket) noexcept {
  if (options.receive_buffer_bytes == 0) return;
  constexpr std::size_t highest = std::numeric_limits<int>::max();
  const auto bytes = static_cast<DWORD>(std::min(options.receive_buffer_bytes, highest));
  static_cast<void>(set_option(socket, SOL_SOCKET, SO_RCVBUF, bytes));  // as much of it as it may have
}

std::error_code take_on_connection(SOCKET socket) noexcept {
  if (::setsockopt(socket, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, nullptr, 0) != 0)
    return last_socket_error();
  return {};
}

std::error_code take_on_connection(SOCKET socket, SOCKET listening) noexcept {
  if (::setsockopt(socket, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, reinterpret_cast<const char*>(&listening),
                   sizeof listening) != 0) {
    return last_socket_error();
  }
  return {};
}

void reset_on_close(SOCKET socket) noexcept {
  // It cannot fail for a socket that is open, and if it did, an orderly close would be what is left to do.
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  static_cast<void>(
      ::setsockopt(socket, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&at_once), sizeof at_once));
}

std::error_code how_it_ended(SOCKET socket) noexcept {
  if (!is_wine()) return {};
  socket_address peer;
  if (::getpeername(socket, peer.data(), peer.size()) == 0) return {};
  return socket_error(WSAECONNRESET);
}

}  // namespace naru::engine
