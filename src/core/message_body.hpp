#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include <naru/bytes.hpp>
#include <naru/error.hpp>
#include <naru/framing.hpp>
#include <naru/message.hpp>

#include "base/mutex.hpp"
#include "core/network_totals.hpp"
#include "protocol/frame_rules.hpp"

namespace naru::core {

struct profile;

/// What a `naru::message` is made of: bytes that never change, shared by all who send them, and their framed
/// forms, each made once. Before the bytes lies their length, so that the usual framing (and none) takes no
/// copy at all. [any]
class message_body {
 public:
  /// Copies the pieces. Null when there is no memory.
  [[nodiscard]] static message_body* make(std::span<const bytes_view> pieces) noexcept;
  message_body(const message_body&) = delete;
  message_body& operator=(const message_body&) = delete;

  void hold() noexcept { holders_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
  }

  [[nodiscard]] bytes_view bytes() const noexcept {
    return {reinterpret_cast<const std::byte*>(this + 1) + headroom_bytes, size_};
  }
  /// The bytes as they go over the wire of such connections; they live as long as this.
  ///
  /// Errors: those of `connection::send`.
  [[nodiscard]] result<bytes_view> framed(const profile& like) noexcept NARU_EXCLUDES(mutex_);
  /// Counts its memory in a network's budget, when it first waits there, until its end. False: there is no
  /// room.
  [[nodiscard]] bool count_in(const std::shared_ptr<network_totals>& totals) noexcept NARU_EXCLUDES(mutex_);

 private:
  /// Room for a length of 4 bytes; 8 keep the bytes aligned.
  static constexpr std::size_t headroom_bytes = 8;
  static constexpr std::size_t prefix_bytes = 4;

  /// A framed form other than the usual one.
  struct frame {
    std::unique_ptr<frame> next;
    protocol::frame_rules rules;
    /// Keeps the codec alive that the rules refer to: another one must not get its address.
    std::shared_ptr<const codec> own;
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };

  explicit message_body(std::size_t size) noexcept : size_{size} {}
  ~message_body();
  void destroy() noexcept;
  [[nodiscard]] result<bytes_view> other_frame(const profile& like) noexcept NARU_EXCLUDES(mutex_);
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

  std::atomic<std::size_t> holders_ = 1;
  const std::size_t size_;
  /// Of the network that it is counted in; set once.
  std::atomic<bool> counted_ = false;
  base::mutex mutex_;
  std::unique_ptr<frame> frames_ NARU_GUARDED_BY(mutex_);
  std::shared_ptr<network_totals> counted_in_ NARU_GUARDED_BY(mutex_);
};

/// Holds a message body for as long as it lives. [any]
class message_ref {
 public:
  message_ref() noexcept = default;
  /// Takes over the hold that `make` gave.
  explicit message_ref(message_body* held) noexcept : body_{held} {}
  /// Holds what the user's message does, which is not nothing.
  explicit message_ref(const message& of) noexcept : body_{of.body_} { body_->hold(); }
  message_ref(const message_ref& other) noexcept : body_{other.body_} {
    if (body_ != nullptr) body_->hold();
  }
  message_ref(message_ref&& other) noexcept : body_{std::exchange(other.body_, nullptr)} {}
  message_ref& operator=(message_ref other) noexcept {
    std::swap(body_, other.body_);
    return *this;
  }
  ~message_ref() {
    if (body_ != nullptr) body_->release();
  }

  [[nodiscard]] message_body* get() const noexcept { return body_; }
  [[nodiscard]] message_body* operator->() const noexcept { return body_; }

 private:
  message_body* body_ = nullptr;
};

}  // namespace naru::core
