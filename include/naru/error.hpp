#pragma once

#include <expected>
#include <system_error>

#include <naru/export.hpp>

namespace naru {

/// What naru itself refuses, beside the operating system's own errors (which come as they are, so that
/// `error == std::errc::address_in_use` holds on every system). docs/errors.md lists which call gives which.
///
/// Values are stable: new ones are added at the end.
enum class errc {
  closed = 1,             ///< the connection is closed, or is closing
  not_running,            ///< the network has not been started, or has been stopped
  already_running,        ///< `start` on a network that runs
  own_worker,             ///< `stop` or `poll` from inside a handler: it would wait for itself
  not_polled,             ///< `poll` on a network that has worker threads
  invalid_endpoint,       ///< the text is not "address:port" or "name:port"
  address_needed,         ///< `bind` was given a name: it takes an address
  unknown_socket,         ///< no open socket of this network has that id
  already_listening,      ///< `listen` was called for this socket before
  message_above_backlog,  ///< max_message_bytes and its framing do not fit into backlog_bytes_max
  zero_limit,             ///< a limit that must be at least 1 is 0
  invalid_prefix_width,   ///< a length prefix is 1, 2 or 4 bytes wide
  codec_missing,          ///< `framing::custom` was given no codec
  negative_duration,      ///< a duration in the options is below zero
  message_too_large,      ///< the message is larger than max_message_bytes, or than its prefix can say
  invalid_message,        ///< the message cannot be framed: a line with a line feed inside
  backlog_full,           ///< the message would pass a limit of the backlog; see `backlog_policy`
  not_in_handler,         ///< the call belongs inside a handler of the same connection
  name_not_found,         ///< no address is known for this host name
  engine_unavailable,     ///< this system does not have the engine that was asked for
  message_truncated,      ///< the peer ended its stream inside a message
  datagram_limit,         ///< max_datagram_bytes is 1 to 65,507
  handler_stuck,  ///< `stop` or `drain` gave up waiting for a handler that does not return; the log names it
  watermarks_crossed,    ///< backlog_low_bytes is not below backlog_high_bytes, or that is above the limit
  memory_max_too_small,  ///< memory_max is less than 1 MiB
  executor_missing,      ///< handlers_on names an executor that is empty
};

/// The category of `errc`; its messages say what is wrong and what would be right.
[[nodiscard]] NARU_API const std::error_category& error_category() noexcept;

[[nodiscard]] inline std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

/// What a call that can fail returns.
template <typename T>
using result = std::expected<T, std::error_code>;

}  // namespace naru

template <>
struct std::is_error_code_enum<naru::errc> : std::true_type {};
