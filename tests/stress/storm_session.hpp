#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "stress/storm_message.hpp"

namespace naru::test {

/// The threads of a storm, numbered as they come: those that meddle and the workers.
inline constexpr std::size_t lanes_max = 32;
[[nodiscard]] unsigned this_lane();

/// What a storm knows of one connection; attached to it. How many there are is counted, so that one that is
/// never released shows.
class storm_session {
 public:
  explicit storm_session(std::atomic<std::int64_t>& alive, bool outgoing) noexcept
      : outgoing_{outgoing}, alive_{alive} {
    ++alive_;
  }
  storm_session(const storm_session&) = delete;
  storm_session& operator=(const storm_session&) = delete;
  ~storm_session() { --alive_; }

  [[nodiscard]] bool outgoing() const noexcept { return outgoing_; }

  /// The number of this thread's next message; `sent` moves on when it was accepted.
  [[nodiscard]] std::uint64_t next_sequence() const noexcept { return sent_[this_lane()]; }
  void sent() noexcept { ++sent_[this_lane()]; }

  /// What is wrong with a message that came, or null. `first` tells whether it is the first of its
  /// connection.
  [[nodiscard]] const char* check(const storm_message& message, bool& first) noexcept {
    first = !sender_;
    if (first) sender_ = message.sender;
    if (*sender_ != message.sender) return "a message of another connection came";
    if (message.lane >= lanes_max) return "a message from nowhere came";
    if (message.sequence != received_[message.lane]++)
      return "a message is missing, or came twice, or too early";
    return nullptr;
  }

  /// The same for datagrams: some may be missing, and another peer may have got the address of one that went.
  [[nodiscard]] const char* check_datagram(const storm_message& message) noexcept {
    if (sender_ != message.sender) {
      sender_ = message.sender;
      received_ = {};
    }
    if (message.lane >= lanes_max) return "a message from nowhere came";
    if (message.sequence < received_[message.lane]) return "a message came twice, or too late";
    received_[message.lane] = message.sequence + 1;
    return nullptr;
  }

  /// Marks what a handler does. What is wrong with its being called, or null.
  [[nodiscard]] const char* enter() noexcept {
    if (inside_.exchange(true)) return "two handlers of one connection ran at the same time";
    if (closed_) return "a handler was called after on_closed";
    return nullptr;
  }
  void leave() noexcept { inside_ = false; }
  void mark_closed() noexcept { closed_ = true; }

 private:
  const bool outgoing_;
  std::atomic<std::int64_t>& alive_;
  std::array<std::uint64_t, lanes_max> sent_ = {};      // each place is one thread's
  std::array<std::uint64_t, lanes_max> received_ = {};  // the worker's, as are those below
  std::optional<std::uint64_t> sender_ = {};
  std::atomic<bool> inside_ = false;
  bool closed_ = false;
};

}  // namespace naru::test
