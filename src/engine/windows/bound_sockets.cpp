#include "engine/windows/bound_sockets.hpp"

#include <utility>
#include <vector>

#include "engine/wildcard.hpp"
#include "engine/windows/datagram_options.hpp"
#include "engine/windows/owned_socket.hpp"
#include "engine/windows/socket_address.hpp"
#include "engine/windows/socket_options.hpp"
#include "engine/windows/windows_error.hpp"
#include "engine/windows/wine.hpp"

namespace naru::engine {
namespace {

/// A socket that is bound and has its port to itself: here, unlike elsewhere, SO_REUSEADDR of somebody else
/// would let them take over what arrives ("Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE"). Connections in
/// TIME_WAIT do not keep a next one from binding; those that a closed listener has left open may.
result<owned_socket> bind_socket(int type, const endpoint& local, const bind_options& options) {
  const socket_address address{local};
  auto made = make_socket(address.family(), type);
  if (!made) return made;
  const SOCKET socket = made->get();
  if (auto error = set_option(socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1)) return std::unexpected{error};
  if (local.family() == address_family::ipv6) {
    if (auto error = set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6_only ? 1 : 0)) {
      return std::unexpected{error};
    }
  }
  if (type == SOCK_DGRAM && is_wine() && !local.is_wildcard()) {
    // Wine binds datagram sockets also to addresses of other hosts, but not those of streams.
    const socket_address host{local.with_port(0)};
    const auto probe = make_socket(host.family(), SOCK_STREAM);
    if (probe && ::bind(probe->get(), host.data(), host.size()) != 0) {
      return std::unexpected{last_socket_error()};
    }
  }
  if (::bind(socket, address.data(), address.size()) != 0) return std::unexpected{last_socket_error()};
  return made;
}

/// Another name for the same socket, for a worker that only sends by it.
result<owned_socket> duplicate(const owned_socket& original) {
  WSAPROTOCOL_INFOW info = {};
  if (::WSADuplicateSocketW(original.get(), ::GetCurrentProcessId(), &info) != 0) {
    return std::unexpected{last_socket_error()};
  }
  owned_socket copy{::WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0,
                                 WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT)};
  if (!copy) return std::unexpected{last_socket_error()};
  return copy;
}

}  // namespace

result<bound_socket> bind_stream_socket(const endpoint& local, const bind_options& options) {
  auto made = bind_or_fall_back(
      local, options, [&](const endpoint& where) { return bind_socket(SOCK_STREAM, where, options); });
  if (!made) return std::unexpected{made.error()};
  const endpoint bound = local_endpoint_of(made->get());
  return bound_socket{.socket = to_raw_socket(*std::move(made)), .local = bound};
}

result<bound_datagrams> bind_datagram_sockets(const endpoint& local, const bind_options& options,
                                              unsigned count) {
  auto first = bind_or_fall_back(
      local, options, [&](const endpoint& where) { return bind_socket(SOCK_DGRAM, where, options); });
  if (!first) return std::unexpected{first.error()};
  // The system spreads nothing over several sockets of one port: one receives for all.
  bound_datagrams made = {.local = local_endpoint_of(first->get())};
  if (auto error = prepare_shared(first->get(), made.local)) return std::unexpected{error};
  std::vector<owned_socket> others;
  for (unsigned i = 1; i < count; ++i) {
    auto next = duplicate(*first);
    if (!next) return std::unexpected{next.error()};
    others.push_back(*std::move(next));
  }
  made.sockets.push_back(to_raw_socket(*std::move(first)));
  for (owned_socket& each : others) made.sockets.push_back(to_raw_socket(std::move(each)));
  return made;
}

}  // namespace naru::engine
