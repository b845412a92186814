#include "core/option_checks.hpp"

#include "protocol/frame_rules.hpp"

namespace naru::core {

std::error_code check(const connection_options& options) noexcept {
  if (options.linger_timeout.count() < 0) return errc::negative_duration;
  return protocol::check(options.frames, options.max_message_bytes, options.backlog_bytes_max);
}

std::error_code check(const listen_options& options) noexcept {
  if (options.accept_queue_max == 0) return errc::zero_limit;
  return check(options.connection);
}

std::error_code check(const connect_options& options) noexcept {
  if (options.connect_timeout.count() < 0) return errc::negative_duration;
  return check(options.connection);
}

}  // namespace naru::core
