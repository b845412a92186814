#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

#include <naru/bytes.hpp>
#include <naru/error.hpp>
#include <naru/export.hpp>

namespace naru {

namespace core {
class message_body;
class message_ref;
}  // namespace core

/// Bytes that are sent to many connections: copied once, when the message is made, framed once for each kind
/// of framing, and then only referred to. A copy of a message is a reference to the same bytes.
///
/// Thread safety: any number of threads may use messages with the same bytes; one message object is for one
/// thread at a time, as a `shared_ptr` is.
class NARU_API message {
 public:
  /// Nothing: to send it is an error (`invalid_message`).
  message() noexcept = default;
  message(const message& other) noexcept;
  message(message&& other) noexcept;
  message& operator=(message other) noexcept;
  ~message();

  /// Copies the bytes.
  ///
  /// Errors: `std::errc::not_enough_memory`.
  [[nodiscard]] static result<message> make(bytes_view bytes);
  [[nodiscard]] static result<message> make(std::string_view text) { return make(as_bytes(text)); }
  [[nodiscard]] static result<message> make(const char* text) { return make(std::string_view{text}); }
  /// Several pieces as one message.
  [[nodiscard]] static result<message> make(std::span<const bytes_view> pieces);
  [[nodiscard]] static result<message> make(std::initializer_list<bytes_view> pieces) {
    return make(std::span<const bytes_view>{pieces.begin(), pieces.size()});
  }

  /// Valid as long as any message refers to them.
  [[nodiscard]] bytes_view bytes() const noexcept;
  [[nodiscard]] bool is_nothing() const noexcept { return body_ == nullptr; }

 private:
  friend class core::message_ref;
  explicit message(core::message_body* held) noexcept : body_{held} {}

  core::message_body* body_ = nullptr;
};

}  // namespace naru
