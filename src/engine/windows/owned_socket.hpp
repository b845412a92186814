#pragma once

#include <utility>

#include "engine/raw_socket.hpp"
#include "engine/windows/windows_headers.hpp"

namespace naru::engine {

/// Makes the close of this socket throw away what it holds and send a reset (SO_LINGER). [any]
void reset_on_close(SOCKET socket) noexcept;

/// Owns a socket. [any]
class owned_socket {
 public:
  owned_socket() noexcept = default;
  explicit owned_socket(SOCKET value) noexcept : value_{value} {}
  owned_socket(owned_socket&& other) noexcept : value_{std::exchange(other.value_, INVALID_SOCKET)} {}
  owned_socket& operator=(owned_socket&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~owned_socket() { close(); }

  [[nodiscard]] explicit operator bool() const noexcept { return value_ != INVALID_SOCKET; }
  [[nodiscard]] SOCKET get() const noexcept { return value_; }
  /// In the form that calls of the I/O system take.
  [[nodiscard]] HANDLE handle() const noexcept {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): Winsock's sockets are handles
    return reinterpret_cast<HANDLE>(value_);
  }

  void close() noexcept {
    if (value_ != INVALID_SOCKET) ::closesocket(std::exchange(value_, INVALID_SOCKET));
  }

 private:
  friend raw_socket to_raw_socket(owned_socket socket) noexcept;
  SOCKET value_ = INVALID_SOCKET;
};

/// The socket on its way between workers, and back. [any]
[[nodiscard]] inline raw_socket to_raw_socket(owned_socket socket) noexcept {
  const auto handle = static_cast<raw_socket::handle>(std::exchange(socket.value_, INVALID_SOCKET));
  return {handle, [](raw_socket::handle value, raw_socket::end how) noexcept {
            const auto number = static_cast<SOCKET>(value);
            if (how == raw_socket::end::reset) reset_on_close(number);
            ::closesocket(number);
          }};
}
[[nodiscard]] inline owned_socket to_owned_socket(raw_socket socket) noexcept {
  return owned_socket{static_cast<SOCKET>(socket.release())};
}

}  // namespace naru::engine
