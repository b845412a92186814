#include <system_error>
#include <utility>

#include <naru/message.hpp>

#include "core/message_body.hpp"

namespace naru {

message::message(const message& other) noexcept : body_{other.body_} {
  if (body_ != nullptr) body_->hold();
}

message::message(message&& other) noexcept : body_{std::exchange(other.body_, nullptr)} {}

message& message::operator=(message other) noexcept {
  std::swap(body_, other.body_);
  return *this;
}

message::~message() {
  if (body_ != nullptr) body_->release();
}

result<message> message::make(bytes_view bytes) {
  return make(std::span{&bytes, 1});
}

result<message> message::make(std::span<const bytes_view> pieces) {
  core::message_body* const made = core::message_body::make(pieces);
  if (made == nullptr) return std::unexpected{std::make_error_code(std::errc::not_enough_memory)};
  return message{made};
}

bytes_view message::bytes() const noexcept {
  return body_ == nullptr ? bytes_view{} : body_->bytes();
}

}  // namespace naru
