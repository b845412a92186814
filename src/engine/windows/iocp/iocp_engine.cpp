#include "engine/windows/iocp/iocp_engine.hpp"

#include <new>
#include <system_error>
#include <utility>

#include "engine/windows/iocp/iocp_acceptor.hpp"
#include "engine/windows/iocp/iocp_datagrams.hpp"
#include "engine/windows/iocp/iocp_stream.hpp"
#include "engine/windows/socket_address.hpp"
#include "engine/windows/socket_options.hpp"
#include "engine/windows/windows_error.hpp"

namespace naru::engine {
namespace {

std::unexpected<std::error_code> no_memory() noexcept {
  return std::unexpected{std::make_error_code(std::errc::not_enough_memory)};
}

/// Hands a new source to the loop, which owns it from then on. It may be null, for want of memory.
template <typename Source>
result<Source*> serve(iocp_loop& loop, Source* made) noexcept {
  std::unique_ptr<iocp_source> source{made};
  if (source == nullptr) return no_memory();
  if (auto error = loop.serve(source)) return std::unexpected{error};
  return made;
}

endpoint any_address(int family) noexcept {
  return family == AF_INET ? endpoint::any_ipv4(0) : endpoint::any_ipv6(0);
}

}  // namespace

result<std::unique_ptr<engine>> iocp_engine::make(const socket_calls& calls) {
  auto made = std::make_unique<iocp_engine>(calls);
  if (auto error = made->loop_.open()) return std::unexpected{error};
  return made;
}

result<stream*> iocp_engine::adopt(raw_socket socket, const endpoint& remote, const stream_options& options,
                                   stream_events& events) {
  owned_socket owned = to_owned_socket(std::move(socket));
  if (auto error = apply(options, owned.get())) return std::unexpected{error};
  const auto made = serve(loop_, new (std::nothrow) iocp_stream{loop_, std::move(owned), remote,
                                                                iocp_stream::stage::connected, events});
  if (!made) return std::unexpected{made.error()};
  (*made)->begin();
  return *made;
}

result<stream*> iocp_engine::connect(const endpoint& remote, const stream_options& options,
                                     stream_events& events) {
  const socket_address address{remote};
  auto owned = make_socket(address.family(), SOCK_STREAM);
  if (!owned) return std::unexpected{owned.error()};
  if (auto error = apply(options, owned->get())) return std::unexpected{error};
  // ConnectEx takes no socket that is not bound. The option has ports shared by connections to different
  // peers, as those are that connect chooses; without it there are no more connections than ports.
  constexpr int reuse_unicast_port = 0x3007;  // SO_REUSE_UNICASTPORT: not in the headers of every compiler
  static_cast<void>(set_option(owned->get(), SOL_SOCKET, reuse_unicast_port, 1));
  const socket_address any{any_address(address.family())};
  if (::bind(owned->get(), any.data(), any.size()) != 0) return std::unexpected{last_socket_error()};
  const auto made = serve(loop_, new (std::nothrow) iocp_stream{loop_, *std::move(owned), remote,
                                                                iocp_stream::stage::connecting, events});
  if (!made) return std::unexpected{made.error()};
  if (auto error = (*made)->begin_connecting(address)) {
    loop_.drop(**made);
    return std::unexpected{error};
  }
  return *made;
}

result<acceptor*> iocp_engine::accept_from(raw_socket socket, acceptor_events& events) {
  std::unique_ptr<iocp_acceptor> acceptor{
      new (std::nothrow) iocp_acceptor{loop_, to_owned_socket(std::move(socket)), events}};
  if (acceptor == nullptr) return no_memory();
  if (auto error = acceptor->open()) return std::unexpected{error};
  const auto made = serve(loop_, acceptor.release());
  if (!made) return std::unexpected{made.error()};
  loop_.serve_again(**made);
  return *made;
}

result<datagram_socket*> iocp_engine::share(raw_socket socket, const datagram_options& options,
                                            datagram_events& events) {
  return serve_datagrams(to_owned_socket(std::move(socket)), {}, options, events);
}

result<datagram_socket*> iocp_engine::connect(const endpoint& remote, const datagram_options& options,
                                              datagram_events& events) {
  const socket_address address{remote};
  auto owned = make_socket(address.family(), SOCK_DGRAM);
  if (!owned) return std::unexpected{owned.error()};
  if (::connect(owned->get(), address.data(), address.size()) != 0)
    return std::unexpected{last_socket_error()};
  return serve_datagrams(*std::move(owned), remote, options, events);
}

result<datagram_socket*> iocp_engine::serve_datagrams(owned_socket socket, const endpoint& remote,
                                                      const datagram_options& options,
                                                      datagram_events& events) {
  apply(options, socket.get());
  std::unique_ptr<iocp_datagrams> datagrams{new (std::nothrow)
                                                iocp_datagrams{loop_, std::move(socket), remote, events}};
  if (datagrams == nullptr) return no_memory();
  if (!options.receives) {
    // Another name for a socket whose completions go to the loop that receives by it; sending needs none.
    iocp_datagrams* const made = datagrams.release();
    loop_.keep(std::unique_ptr<iocp_source>{made});
    return made;
  }
  const bool is_shared = remote.family() == address_family::none;
  if (auto error =
          datagrams->open(is_shared ? iocp_datagrams::shared_receives : iocp_datagrams::connected_receives)) {
    return std::unexpected{error};
  }
  const auto made = serve(loop_, datagrams.release());
  if (!made) return std::unexpected{made.error()};
  (*made)->begin();
  return *made;
}

}  // namespace naru::engine
