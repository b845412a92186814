#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

#include <naru/export.hpp>

namespace naru {

/// Which of the ways of ending a connection it was. The first one counts: a connection that its user closed
/// and whose peer then resets it ends as `local`.
enum class close_cause : std::uint8_t {
  local,              ///< `close` or `abort` was called
  peer,               ///< the peer ended its stream, and everything queued was sent
  reset,              ///< the peer or the network between broke the connection
  connect_failed,     ///< an outgoing connection never came about; `error` says why
  backlog,            ///< a send would have passed a limit of the backlog, or a byte waited too long in it
  message_too_large,  ///< the peer announced or sent a message above max_message_bytes
  protocol,           ///< what the peer sent is not what the framing allows
  handler_threw,      ///< a handler of this connection let an exception out
  memory,             ///< there was no memory for a message, or memory_max was reached
  network_stopped,    ///< the network was stopped or destroyed
  io,                 ///< the operating system failed an operation; `error` says why
  idle,               ///< nothing was received for idle_timeout
  evicted,            ///< UDP: another peer got its place, under one of the limits of `stranger_options`
  lessor_closed,      ///< the listener was drained; UDP: the listening socket that it used was closed
  write_stalled,      ///< bytes waited for write_stall_timeout and the peer took none
  message_timeout,    ///< a message was begun, and not whole within message_timeout
  rate,               ///< the peer sent more than its `receive_budget`
  executor_failed,    ///< the executor threw a handler's task away, or could not take it
};

inline constexpr std::size_t close_cause_count = 18;

/// The name of a cause, as it stands in the enumeration.
[[nodiscard]] NARU_API std::string_view to_string(close_cause cause) noexcept;

/// Why a connection ended.
struct close_reason {
  close_cause cause = close_cause::local;
  /// What the system said, where it said something. For `local`, it is set when queued bytes were lost
  /// (`timed_out`: the peer did not take them within linger_timeout); for `peer`, also when the peer ended
  /// its stream inside a message (`errc::message_truncated`).
  std::error_code error = {};

  [[nodiscard]] friend bool operator==(const close_reason& reason, close_cause other) noexcept {
    return reason.cause == other;
  }
};

}  // namespace naru
