#include "engine/linux/epoll/epoll_engine.hpp"

#include <cerrno>
#include <cstdint>
#include <new>
#include <system_error>
#include <utility>

#include <sys/socket.h>

#include "engine/linux/datagram_options.hpp"
#include "engine/linux/descriptor.hpp"
#include "engine/linux/epoll/epoll_acceptor.hpp"
#include "engine/linux/epoll/epoll_datagrams.hpp"
#include "engine/linux/epoll/epoll_stream.hpp"
#include "engine/linux/socket_address.hpp"
#include "engine/linux/socket_options.hpp"

namespace naru::engine {
namespace {

/// Hands a new stream or acceptor to the loop, which owns it from then on. It may be null, for want of
/// memory.
template <typename Source>
result<Source*> watch(epoll_loop& loop, Source* made, std::uint32_t events) noexcept {
  std::unique_ptr<epoll_source> source{made};
  if (source == nullptr) return std::unexpected{std::make_error_code(std::errc::not_enough_memory)};
  if (auto error = loop.watch(source, events)) return std::unexpected{error};
  return made;
}

/// Nothing is answered here, as a connect is answered by an event: not even one that is done by now.
std::error_code begin_connect(int socket, const socket_address& address) noexcept {
  if (::connect(socket, address.data(), address.size()) == 0) return {};
  // After EINTR it goes on by itself (connect(2)).
  return errno == EINPROGRESS || errno == EINTR ? std::error_code{} : last_error();
}

}  // namespace

result<std::unique_ptr<engine>> epoll_engine::make() {
  auto made = std::make_unique<epoll_engine>();
  if (auto error = made->loop_.open()) return std::unexpected{error};
  return made;
}

result<stream*> epoll_engine::adopt(raw_socket socket, const endpoint& remote, const stream_options& options,
                                    stream_events& events) {
  descriptor owned = to_descriptor(std::move(socket));
  if (auto error = apply(options, owned.get())) return std::unexpected{error};
  return watch(loop_,
               new (std::nothrow)
                   epoll_stream{loop_, std::move(owned), remote, epoll_stream::stage::connected, events},
               epoll_stream::watched_events);
}

result<stream*> epoll_engine::connect(const endpoint& remote, const stream_options& options,
                                      stream_events& events) {
  const socket_address address{remote};
  descriptor owned{::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!owned) return std::unexpected{last_error()};
  if (auto error = apply(options, owned.get())) return std::unexpected{error};
  // Before it is watched: a socket that is neither connecting nor connected reports EPOLLOUT and EPOLLHUP.
  if (auto error = begin_connect(owned.get(), address)) return std::unexpected{error};
  return watch(loop_,
               new (std::nothrow)
                   epoll_stream{loop_, std::move(owned), remote, epoll_stream::stage::connecting, events},
               epoll_stream::watched_events);
}

result<acceptor*> epoll_engine::accept_from(raw_socket socket, acceptor_events& events) {
  reserve_.fill();  // an engine that never listens needs none
  return watch(loop_,
               new (std::nothrow) epoll_acceptor{loop_, reserve_, to_descriptor(std::move(socket)), events},
               epoll_acceptor::watched_events);
}

result<datagram_socket*> epoll_engine::share(raw_socket socket, const datagram_options& options,
                                             datagram_events& events) {
  return serve_datagrams(to_descriptor(std::move(socket)), {}, options, events);
}

result<datagram_socket*> epoll_engine::connect(const endpoint& remote, const datagram_options& options,
                                               datagram_events& events) {
  const socket_address address{remote};
  descriptor owned{::socket(address.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!owned) return std::unexpected{last_error()};
  // The system binds it first and sets its peer then: what anybody sends it in between is not for it.
  if (auto error = hear_nobody(owned.get())) return std::unexpected{error};
  if (::connect(owned.get(), address.data(), address.size()) != 0) return std::unexpected{last_error()};
  if (auto error = hear_again(owned.get())) return std::unexpected{error};
  if (auto error = prepare_datagrams(owned.get(), local_endpoint_of(owned.get()))) {
    return std::unexpected{error};
  }
  return serve_datagrams(std::move(owned), remote, options, events);
}

result<datagram_socket*> epoll_engine::serve_datagrams(descriptor socket, const endpoint& remote,
                                                       const datagram_options& options,
                                                       datagram_events& events) {
  if (reader_ == nullptr) reader_ = datagram_reader::make();
  if (writer_ == nullptr) writer_ = datagram_writer::make();
  if (reader_ == nullptr || writer_ == nullptr) {
    return std::unexpected{std::make_error_code(std::errc::not_enough_memory)};
  }
  apply(options, socket.get());
  return watch(loop_,
               new (std::nothrow) epoll_datagrams{loop_, std::move(socket), remote, options.receives,
                                                  *reader_, *writer_, events},
               epoll_datagrams::watched_events(options.receives));
}

}  // namespace naru::engine
