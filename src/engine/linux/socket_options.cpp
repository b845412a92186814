#include "engine/linux/socket_options.hpp"

#include <algorithm>
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

std::error_code apply(const stream_options& options, int socket) noexcept {
  if (options.no_delay) {
    if (auto error = set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1)) return error;
  }
  if (options.kernel_unsent_bytes_max != 0) {
    constexpr std::size_t highest = std::numeric_limits<int>::max();
    const auto limit = static_cast<int>(std::min(options.kernel_unsent_bytes_max, highest));
    if (auto error = set_option(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, limit)) return error;
  }
  return {};
}

void reset_on_close(int socket) noexcept {
  // It cannot fail for a socket that is open, and if it did, an orderly close would be what is left to do.
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
}

}  // namespace naru::engine
