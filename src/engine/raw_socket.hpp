#pragma once

#include <cstdint>
#include <utility>

namespace naru::engine {

/// Owns a socket that no engine serves yet: one that was bound, or accepted on one worker and is on its way
/// to another. Closes it unless an engine takes it.
class raw_socket {
 public:
  using handle = std::uintptr_t;
  /// What a peer that is connected sees of its end.
  enum class end : std::uint8_t { orderly, reset };
  using closer = void (*)(handle, end how) noexcept;

  raw_socket() noexcept = default;
  raw_socket(handle value, closer close) noexcept : value_{value}, close_{close} {}
  raw_socket(raw_socket&& other) noexcept
      : value_{other.value_}, close_{std::exchange(other.close_, nullptr)} {}
  raw_socket& operator=(raw_socket&& other) noexcept {
    std::swap(value_, other.value_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~raw_socket() {
    if (close_ != nullptr) close_(value_, end::orderly);
  }

  [[nodiscard]] explicit operator bool() const noexcept { return close_ != nullptr; }
  [[nodiscard]] handle get() const noexcept { return value_; }
  /// Closes it, so that a peer that is connected sees a reset.
  void refuse() noexcept {
    if (close_ != nullptr) std::exchange(close_, nullptr)(value_, end::reset);
  }
  /// Gives the ownership away.
  [[nodiscard]] handle release() noexcept {
    close_ = nullptr;
    return value_;
  }

 private:
  handle value_ = 0;
  closer close_ = nullptr;
};

}  // namespace naru::engine
