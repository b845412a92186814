#include "engine/windows/socket_options.hpp"

#include <algorithm>
#include <chrono>
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

namespace {

/// Of Windows 10, 1709 (ws2ipdef.h); the headers that we compile with may not have all of them.
constexpr int keep_idle = 3;       // TCP_KEEPIDLE, in seconds
constexpr int max_rt = 5;          // TCP_MAXRT, in seconds
constexpr int keep_count = 16;     // TCP_KEEPCNT
constexpr int keep_interval = 17;  // TCP_KEEPINTVL, in seconds

DWORD whole_seconds(std::chrono::seconds time) noexcept {
  constexpr std::chrono::seconds::rep highest = std::numeric_limits<int>::max() / 1000;
  return static_cast<DWORD>(std::clamp<std::chrono::seconds::rep>(time.count(), 1, highest));
}

/// As far as this system knows them.
void apply(const keep_alive& probes, SOCKET socket) noexcept {
  if (probes.after.count() == 0) return;
  constexpr unsigned probes_highest = 255;
  const auto count = static_cast<DWORD>(std::clamp(probes.probes_max, 1U, probes_highest));
  static_cast<void>(set_option(socket, IPPROTO_TCP, keep_idle, whole_seconds(probes.after)));
  static_cast<void>(set_option(socket, IPPROTO_TCP, keep_interval, whole_seconds(probes.interval)));
  static_cast<void>(set_option(socket, IPPROTO_TCP, keep_count, count));
  static_cast<void>(set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1));
}

}  // namespace

std::error_code apply(const stream_options& options, SOCKET socket) noexcept {
  if (options.unacknowledged_max.count() != 0) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(
        std::min(options.unacknowledged_max, std::chrono::milliseconds{std::chrono::years{1}}));
    static_cast<void>(set_option(socket, IPPROTO_TCP, max_rt, whole_seconds(seconds)));
  }
  apply(options.probes, socket);
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
