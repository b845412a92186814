#include "engine/linux/linux_platform.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>

#include <sys/random.h>
#include <sys/socket.h>

#include "engine/linux/bound_sockets.hpp"
#include "engine/linux/descriptor.hpp"
#include "engine/linux/epoll/epoll_engine.hpp"
#include "engine/linux/resolve.hpp"
#include "engine/linux/socket_options.hpp"

namespace naru::engine {

result<std::unique_ptr<engine>> linux_platform::make_engine() {
  return epoll_engine::make();
}

result<bound_socket> linux_platform::bind_stream(const endpoint& local, const bind_options& options) {
  return bind_stream_socket(local, options);
}

result<bound_datagrams> linux_platform::bind_datagrams(const endpoint& local, const bind_options& options,
                                                       unsigned count) {
  return bind_datagram_sockets(local, options, count);
}

std::error_code linux_platform::listen(const raw_socket& socket, unsigned accept_queue_max) {
  const auto handle = static_cast<int>(socket.get());
  if (auto error = set_option(handle, SOL_SOCKET, SO_REUSEADDR, 1)) return error;  // see bind_stream_socket
  constexpr unsigned highest = std::numeric_limits<int>::max();
  if (::listen(handle, static_cast<int>(std::min(accept_queue_max, highest))) != 0) return last_error();
  return {};
}

result<std::vector<endpoint>> linux_platform::resolve(const std::string& host, std::uint16_t port) {
  return resolve_host(host, port);
}

std::error_code linux_platform::fill_random(std::span<std::byte> place) noexcept {
  while (!place.empty()) {
    const ssize_t count = ::getrandom(place.data(), place.size(), 0);
    if (count < 0 && errno != EINTR) return last_error();
    place = place.subspan(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }
  return {};
}

}  // namespace naru::engine
