#include "engine/windows/windows_platform.hpp"

#include <algorithm>
#include <limits>

#include "engine/windows/bound_sockets.hpp"
#include "engine/windows/iocp/iocp_engine.hpp"
#include "engine/windows/resolve.hpp"
#include "engine/windows/windows_error.hpp"
#include "engine/windows/windows_headers.hpp"

namespace naru::engine {
namespace {

/// A plain length of the queue is honoured up to the first; a negative one, which is a hint, from there up to
/// the other (listen, SOMAXCONN_HINT).
constexpr unsigned plain_queue_max = 200;
constexpr unsigned queue_hint_max = 65'535;

}  // namespace

result<std::unique_ptr<engine>> windows_platform::make_engine() {
  auto calls = socket_calls::load();
  if (!calls) return std::unexpected{calls.error()};
  if (adjust_ != nullptr) adjust_(*calls);
  return iocp_engine::make(*calls);
}

result<bound_socket> windows_platform::bind_stream(const endpoint& local, const bind_options& options) {
  return bind_stream_socket(local, options);
}

result<bound_datagrams> windows_platform::bind_datagrams(const endpoint& local, const bind_options& options,
                                                         unsigned count) {
  return bind_datagram_sockets(local, options, count);
}

std::error_code windows_platform::listen(const raw_socket& socket, unsigned accept_queue_max) {
  const int wanted = static_cast<int>(std::clamp(accept_queue_max, 1U, queue_hint_max));
  const int queue = accept_queue_max <= plain_queue_max ? wanted : -wanted;
  if (::listen(static_cast<SOCKET>(socket.get()), queue) != 0) return last_socket_error();
  return {};
}

result<std::vector<endpoint>> windows_platform::resolve(const std::string& host, std::uint16_t port) {
  return resolve_host(host, port);
}

std::error_code windows_platform::fill_random(std::span<std::byte> place) noexcept {
  while (!place.empty()) {
    constexpr std::size_t most = std::numeric_limits<ULONG>::max();
    const std::size_t count = std::min(place.size(), most);
    const NTSTATUS status = ::BCryptGenRandom(nullptr, reinterpret_cast<PUCHAR>(place.data()),
                                              static_cast<ULONG>(count), BCRYPT_USE_SYSTEM_PREFERRED_RNG);
    if (status < 0) return windows_error(ERROR_GEN_FAILURE);
    place = place.subspan(count);
  }
  return {};
}

}  // namespace naru::engine
