#pragma once

#include <cerrno>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "engine/linux/socket_options.hpp"
#include "engine/raw_socket.hpp"

namespace naru::engine {

/// What the last system call of this thread said. [any]
[[nodiscard]] inline std::error_code last_error() noexcept {
  return {errno, std::system_category()};
}

/// Owns a file descriptor. [any]
class descriptor {
 public:
  descriptor() noexcept = default;
  explicit descriptor(int value) noexcept : value_{value} {}
  descriptor(descriptor&& other) noexcept : value_{std::exchange(other.value_, -1)} {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~descriptor() { close(); }

  [[nodiscard]] explicit operator bool() const noexcept { return value_ >= 0; }
  [[nodiscard]] int get() const noexcept { return value_; }

  /// EINTR is no reason to try again: Linux has released the number by then, and another thread may have it
  /// (close(2), "Dealing with error returns").
  void close() noexcept {
    if (value_ >= 0) ::close(std::exchange(value_, -1));
  }

 private:
  friend raw_socket to_raw_socket(descriptor socket) noexcept;
  int value_ = -1;
};

/// The descriptor on its way between workers, and back. [any]
[[nodiscard]] inline raw_socket to_raw_socket(descriptor socket) noexcept {
  const auto handle = static_cast<raw_socket::handle>(std::exchange(socket.value_, -1));
  return {handle, [](raw_socket::handle value, raw_socket::end how) noexcept {
            const auto number = static_cast<int>(value);
            if (how == raw_socket::end::reset) reset_on_close(number);
            ::close(number);
          }};
}
[[nodiscard]] inline descriptor to_descriptor(raw_socket socket) noexcept {
  return descriptor{static_cast<int>(socket.release())};
}

}  // namespace naru::engine
