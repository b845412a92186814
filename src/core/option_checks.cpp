#include "core/option_checks.hpp"

#include <algorithm>

#include "core/profile.hpp"
#include "protocol/frame_rules.hpp"

namespace naru::core {

namespace {

/// The most that an IPv4 packet of 65,535 bytes leaves for a datagram (RFC 768, RFC 791).
constexpr std::size_t datagram_bytes_highest = 65'507;

std::error_code check_udp(const connection_options& options) noexcept {
  const std::size_t largest = options.udp.max_datagram_bytes;
  if (largest == 0 || largest > datagram_bytes_highest) return errc::datagram_limit;
  if (options.max_message_bytes == 0) return errc::zero_limit;
  if (options.udp.idle_timeout.count() < 0) return errc::negative_duration;
  const std::size_t counted =
      std::max(std::min(options.max_message_bytes, largest), profile::datagram_charge_min);
  if (options.backlog_bytes_max < counted) return errc::message_above_backlog;
  return {};
}

}  // namespace

std::error_code check(transport over, const connection_options& options) noexcept {
  if (options.linger_timeout.count() < 0) return errc::negative_duration;
  if (over == transport::udp) return check_udp(options);
  return protocol::check(options.frames, options.max_message_bytes, options.backlog_bytes_max);
}

std::error_code check(transport over, const listen_options& options) noexcept {
  if (over == transport::tcp && options.accept_queue_max == 0) return errc::zero_limit;
  if (over == transport::udp &&
      (options.strangers.max_connections == 0 || options.strangers.probation_max == 0)) {
    return errc::zero_limit;
  }
  return check(over, options.connection);
}

std::error_code check(transport over, const connect_options& options) noexcept {
  if (options.connect_timeout.count() < 0) return errc::negative_duration;
  return check(over, options.connection);
}

}  // namespace naru::core
