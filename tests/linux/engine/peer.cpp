#include "linux/engine/peer.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/socket.h>
#include <sys/time.h>

#include "engine/linux/socket_address.hpp"
#include "engine/linux/socket_options.hpp"
#include "support/patience.hpp"

namespace naru::test {
namespace {

template <typename Number>
Number checked(Number value) {
  if (value < 0) throw std::system_error{engine::last_error()};
  return value;
}

}  // namespace

peer::peer(engine::descriptor socket) noexcept : socket_{std::move(socket)} {
  const timeval limit = {.tv_sec = patience.count(), .tv_usec = 0};
  ::setsockopt(get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

peer peer::connected_to(const endpoint& remote) {
  const engine::socket_address address{remote};
  engine::descriptor socket{checked(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0))};
  checked(::connect(socket.get(), address.data(), address.size()));
  return peer{std::move(socket)};
}

void peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = checked(::send(get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void peer::send_urgent(char byte) {
  checked(::send(get(), &byte, 1, MSG_OOB | MSG_NOSIGNAL));
}

std::size_t peer::send_what_fits(std::string_view bytes) {
  std::size_t sent = 0;
  while (!bytes.empty()) {
    const auto count = ::send(get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) break;
    sent += static_cast<std::size_t>(count);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return sent;
}

std::string peer::receive(std::size_t bytes) {
  std::string all(bytes, '\0');
  std::size_t have = 0;
  while (have < bytes) {
    const auto count = checked(::recv(get(), all.data() + have, bytes - have, 0));
    if (count == 0) break;
    have += static_cast<std::size_t>(count);
  }
  all.resize(have);
  return all;
}

int peer::receive_end() {
  std::array<char, 4096> room = {};
  for (;;) {
    const auto count = ::recv(get(), room.data(), room.size(), 0);
    if (count == 0) return 0;
    if (count < 0 && errno != EINTR) return errno;
  }
}

void peer::shutdown_send() {
  checked(::shutdown(get(), SHUT_WR));
}

void peer::reset() noexcept {
  engine::reset_on_close(get());
  close();
}

endpoint peer::local() const {
  return engine::local_endpoint_of(get());
}

std::vector<peer> crowd_at(const endpoint& remote, std::size_t count) {
  std::vector<peer> crowd;
  crowd.reserve(count);
  for (std::size_t i = 0; i < count; ++i) crowd.push_back(peer::connected_to(remote));
  return crowd;
}

peer_listener::peer_listener() : socket_{checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))} {
  const engine::socket_address any_port{endpoint::loopback_ipv4(0)};
  checked(::bind(socket_.get(), any_port.data(), any_port.size()));
  checked(::listen(socket_.get(), 4096));
  local_ = engine::local_endpoint_of(socket_.get());
}

peer peer_listener::accept() {
  return peer{engine::descriptor{checked(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC))}};
}

engine::raw_socket peer_listener::accept_raw() {
  constexpr int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
  return to_raw_socket(engine::descriptor{checked(::accept4(socket_.get(), nullptr, nullptr, flags))});
}

}  // namespace naru::test
