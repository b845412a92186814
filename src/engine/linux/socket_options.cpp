#include "engine/linux/socket_options.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "engine/linux/descriptor.hpp"

namespace naru::engine {

std::error_code set_option(int socket, int level, int name, int value) noexcept {
  if (::setsockopt(socket, level, name, &value, sizeof value) != 0) return last_error();
  return {};
}

namespace {

/// What tcp(7) takes (MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL, MAX_TCP_KEEPCNT in the kernel's net/tcp.h).
constexpr std::chrono::seconds::rep keep_alive_seconds_highest = 32'767;
constexpr unsigned keep_alive_probes_highest = 127;

std::error_code apply(const keep_alive& probes, int socket) noexcept {
  if (probes.after.count() == 0) return {};
  const auto in_range = [](std::chrono::seconds time) {
    return static_cast<int>(
        std::clamp<std::chrono::seconds::rep>(time.count(), 1, keep_alive_seconds_highest));
  };
  const auto count = static_cast<int>(std::clamp(probes.probes_max, 1U, keep_alive_probes_highest));
  if (auto error = set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, in_range(probes.after))) return error;
  if (auto error = set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, in_range(probes.interval))) return error;
  if (auto error = set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, count)) return error;
  return set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
}

}  // namespace

std::error_code apply(const stream_options& options, int socket) noexcept {
  if (options.no_delay) {
    if (auto error = set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1)) return error;
  }
  if (options.kernel_unsent_bytes_max != 0) {
    constexpr std::size_t highest = std::numeric_limits<int>::max();
    const auto limit = static_cast<int>(std::min(options.kernel_unsent_bytes_max, highest));
    if (auto error = set_option(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, limit)) return error;
  }
  if (options.unacknowledged_max.count() != 0) {
    constexpr std::chrono::milliseconds::rep highest = std::numeric_limits<int>::max();
    const auto limit = static_cast<int>(std::min(options.unacknowledged_max.count(), highest));
    if (auto error = set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, limit)) return error;
  }
  return apply(options.probes, socket);
}

void reset_on_close(int socket) noexcept {
  // It cannot fail for a socket that is open, and if it did, an orderly close would be what is left to do.
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
}

}  // namespace naru::engine
