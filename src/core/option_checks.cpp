#include "core/option_checks.hpp"

#include <algorithm>

#include "core/profile.hpp"
#include "protocol/frame_rules.hpp"

namespace naru::core {

namespace {

/// The most that an IPv4 packet of 65,535 bytes leaves for a datagram (RFC 768, RFC 791).
constexpr std::size_t datagram_bytes_highest = 65'507;

/// Below this a single worker's blocks would not fit.
constexpr std::size_t memory_lowest = std::size_t{1} << 20;

bool has_crossed_watermarks(const connection_options& options) noexcept {
  const profile::watermarks marks = profile::watermarks_of(options);
  if (marks.high == 0) return options.backlog_low_bytes != 0;
  return marks.low >= marks.high || marks.high > options.backlog_bytes_max;
}

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

std::error_code check(const network_options& options) noexcept {
  if (options.memory_max != 0 && options.memory_max < memory_lowest) return errc::memory_max_too_small;
  if (options.stall_warning.count() < 0 || options.handler_patience.count() < 0) {
    return errc::negative_duration;
  }
  return {};
}

std::error_code check(transport over, const connection_options& options) noexcept {
  if (options.linger_timeout.count() < 0) return errc::negative_duration;
  for (const auto duration :
       {options.backlog_age_max, options.flush_interval, options.idle_timeout, options.write_stall_timeout,
        options.message_timeout, options.unacknowledged_timeout}) {
    if (duration.count() < 0) return errc::negative_duration;
  }
  if (options.keep_alive.after.count() < 0 || options.keep_alive.interval.count() < 0) {
    return errc::negative_duration;
  }
  if (options.flush == flush_policy::tick && options.flush_interval.count() == 0) return errc::zero_limit;
  if (options.keep_alive.after.count() > 0 &&
      (options.keep_alive.interval.count() == 0 || options.keep_alive.probes_max == 0)) {
    return errc::zero_limit;
  }
  if (has_crossed_watermarks(options)) return errc::watermarks_crossed;
  if (options.handlers_on != nullptr && !*options.handlers_on) return errc::executor_missing;
  if (over == transport::udp) return check_udp(options);
  return protocol::check(options.frames, options.max_message_bytes, options.backlog_bytes_max);
}

std::error_code check(transport over, const listen_options& options) noexcept {
  if (over == transport::tcp && options.accept_queue_max == 0) return errc::zero_limit;
  if (over == transport::udp && options.strangers.probation_max == 0) {
    return errc::zero_limit;
  }
  if (options.admission.max_connections == 0) return errc::zero_limit;
  return check(over, options.connection);
}

std::error_code check(transport over, const connect_options& options) noexcept {
  if (options.connect_timeout.count() < 0) return errc::negative_duration;
  return check(over, options.connection);
}

}  // namespace naru::core
