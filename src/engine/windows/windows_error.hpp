#pragma once

#include <system_error>

#include "engine/windows/windows_headers.hpp"

namespace naru::engine {

/// The errors of Windows and of Winsock, with their codes and texts as they are. Each is equal to the
/// `std::errc` condition that Linux gives for the same event, which `std::system_category` says of few of
/// them. [any]
[[nodiscard]] const std::error_category& windows_category() noexcept;

[[nodiscard]] inline std::error_code windows_error(DWORD code) noexcept {
  return {static_cast<int>(code), windows_category()};
}
[[nodiscard]] inline std::error_code socket_error(int code) noexcept {
  return {code, windows_category()};
}

/// What the last call of this thread said: of Winsock's, and of others. [any]
[[nodiscard]] inline std::error_code last_socket_error() noexcept {
  return socket_error(::WSAGetLastError());
}
[[nodiscard]] inline std::error_code last_error() noexcept {
  return windows_error(::GetLastError());
}

/// Whether a call was refused for lack of room, and may succeed later. [any]
[[nodiscard]] inline bool lacks_room(int code) noexcept {
  return code == WSAEWOULDBLOCK || code == WSAENOBUFS;
}

}  // namespace naru::engine
