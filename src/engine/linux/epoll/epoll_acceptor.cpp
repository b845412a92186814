#include "engine/linux/epoll/epoll_acceptor.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

#include "base/assert.hpp"
#include "engine/linux/epoll/epoll_loop.hpp"
#include "engine/linux/socket_address.hpp"

namespace naru::engine {
namespace {

/// How many peers are taken before other sockets have their turn.
constexpr int accepts_a_turn = 64;

/// The attempt of one peer failed, which says nothing about the next one: accept(2) hands out errors that are
/// pending on the new socket, and names these (EPERM is a firewall's).
bool concerns_one_peer(int error) noexcept {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPERM:
    case EPROTO:
    case ETIMEDOUT:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
      return true;
    default:
      return false;
  }
}

bool wants_descriptors(std::error_code error) noexcept {
  return error == std::errc::too_many_files_open || error == std::errc::too_many_files_open_in_system;
}

}  // namespace

epoll_acceptor::epoll_acceptor(epoll_loop& loop, accept_reserve& reserve, descriptor socket,
                               acceptor_events& events) noexcept
    : epoll_source{std::move(socket)}, loop_{loop}, reserve_{reserve}, events_{events} {}

void epoll_acceptor::serve(std::uint32_t /*events*/) {
  for (int turn = 0; turn < accepts_a_turn; ++turn) {
    if (resting_ || closed_) return;
    socket_address remote;
    descriptor peer{::accept4(socket(), remote.data(), remote.size(), SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (peer) {
      events_.on_accepted(to_raw_socket(std::move(peer)), remote.to_endpoint());
    } else if (errno == EAGAIN) {
      return;
    } else if (!concerns_one_peer(errno)) {
      return fail(last_error());
    }
  }
  if (!resting_ && !closed_) loop_.serve_again(*this);
}

void epoll_acceptor::fail(std::error_code error) {
  if (wants_descriptors(error)) {
    // The kernel looks for a free number before it looks for a peer. Where nobody waits, nothing has failed.
    if (!somebody_waits()) return;
    reserve_.fill();
    reserve_.turn_away_one(socket());
  }
  resting_ = true;
  events_.on_accept_failed(error);
}

bool epoll_acceptor::somebody_waits() const noexcept {
  pollfd look = {.fd = socket(), .events = POLLIN, .revents = 0};
  return ::poll(&look, 1, 0) > 0;
}

void epoll_acceptor::resume() noexcept {
  NARU_ASSERT(!closed_, "a closed acceptor does not go on");
  resting_ = false;
  loop_.serve_again(*this);
}

void epoll_acceptor::close() noexcept {
  NARU_ASSERT(!closed_, "an acceptor is closed once");
  closed_ = true;
  loop_.retire(*this);
}

}  // namespace naru::engine
