#include "engine/simulated/held_socket.hpp"

#include <utility>

#include "engine/simulated/contract.hpp"

namespace naru::engine::simulated {

namespace {

[[nodiscard]] held_socket* from_handle(raw_socket::handle handle) noexcept {
  // Made from such a pointer by `wrap`.
  return reinterpret_cast<held_socket*>(handle);  // NOLINT(performance-no-int-to-ptr)
}

void close_handle(raw_socket::handle handle, raw_socket::end how) noexcept {
  const std::unique_ptr<held_socket> socket{from_handle(handle)};
  discard(*socket, how == raw_socket::end::reset ? close_mode::reset : close_mode::orderly);
}

}  // namespace

raw_socket wrap(held_socket socket) {
  auto kept = std::make_unique<held_socket>(std::move(socket));
  return {reinterpret_cast<raw_socket::handle>(kept.release()), close_handle};
}

const held_socket& peek(const raw_socket& socket) noexcept {
  require(static_cast<bool>(socket), "a raw socket that is passed on holds a socket");
  return *from_handle(socket.get());
}

held_socket unwrap(raw_socket socket) noexcept {
  require(static_cast<bool>(socket), "a raw socket that is passed on holds a socket");
  const std::unique_ptr<held_socket> kept{from_handle(socket.release())};
  return std::move(*kept);
}

void discard(const held_socket& socket, close_mode mode) noexcept {
  const base::mutex_lock lock{socket.system->mutex};
  if (socket.bound != nullptr) {
    socket.system->release(socket.bound);
  } else if (socket.datagrams != nullptr) {
    socket.system->datagrams.release(socket.datagrams, socket.first);
    socket.system->uncount_socket();
  } else {
    socket.accepted->close(side::server, mode);
    socket.system->uncount_socket();
  }
}

}  // namespace naru::engine::simulated
