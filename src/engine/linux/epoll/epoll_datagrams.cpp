#include "engine/linux/epoll/epoll_datagrams.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "engine/linux/epoll/epoll_loop.hpp"
#include "engine/linux/socket_address.hpp"

namespace naru::engine {
namespace {

/// How many times a socket may fill the reader before others have their turn.
constexpr int reads_a_turn = 2;

/// What Linux joins unless a socket, or its path, turns out not to.
constexpr std::size_t joined_bytes_max = 65'487;

}  // namespace

epoll_datagrams::epoll_datagrams(epoll_loop& loop, descriptor socket, const endpoint& remote, bool receives,
                                 datagram_reader& reader, datagram_writer& writer,
                                 datagram_events& events) noexcept
    : epoll_source{std::move(socket)},
      loop_{loop},
      reader_{reader},
      writer_{writer},
      events_{events},
      remote_{remote},
      local_{local_endpoint_of(this->socket())},
      route_{.socket = this->socket(),
             .family = socket_family_of(this->socket()),
             .connected = remote.family() != address_family::none,
             .names_local = local_.is_wildcard(),
             .joined_bytes_max = joined_bytes_max},
      receives_{receives} {}

void epoll_datagrams::serve(std::uint32_t events) {
  if (untold_error_) events_.on_error(std::exchange(untold_error_, {}), remote_);
  if (!closed_ && waits_for_room_ && (events & (EPOLLOUT | EPOLLERR)) != 0) {
    waits_for_room_ = false;
    events_.on_room();
  }
  if (!closed_ && receives_) receive();
}

void epoll_datagrams::receive() {
  for (int turn = 0; turn < reads_a_turn; ++turn) {
    const auto messages = reader_.read(socket());
    if (!messages) {
      // It comes before what can still be read, and is gone with being told.
      events_.on_error(messages.error(), remote_);
    } else {
      hand_out(*messages);
      if (*messages < datagram_reader::messages_max) return;
    }
    if (closed_) return;
  }
  loop_.serve_again(*this);
}

void epoll_datagrams::hand_out(std::size_t messages) {
  const auto batch = reader_.batch();
  std::size_t filled = 0;
  losses lost;
  const auto tell = [&] {
    if (lost.by_system != 0 || lost.truncated != 0) events_.on_lost(std::exchange(lost, {}));
    if (filled != 0 && !closed_) events_.on_received(batch.first(std::exchange(filled, 0)));
  };
  for (std::size_t i = 0; i < messages && !closed_; ++i) {
    const datagram_reader::message next = reader_.at(i, local_, remote_);
    if (next.lost_so_far) {
      // The system counts in 32 bits, which wrap around.
      lost.by_system += static_cast<std::uint32_t>(*next.lost_so_far - lost_so_far_);
      lost_so_far_ = *next.lost_so_far;
    }
    if (next.truncated) {
      ++lost.truncated;
      continue;
    }
    bytes_view rest = next.whole.bytes;
    do {
      const bytes_view one = rest.first(std::min(rest.size(), next.datagram_bytes));
      rest = rest.subspan(one.size());
      batch[filled] = next.whole;
      batch[filled].bytes = one;
      if (++filled == batch.size()) tell();
    } while (!rest.empty() && !closed_);
  }
  if (!closed_) tell();
}

datagrams_sent epoll_datagrams::send(std::span<const departure> batch) noexcept {
  NARU_ASSERT(!closed_, "a closed socket sends no more");
  std::error_code earlier;
  const datagrams_sent sent = writer_.send(route_, batch, earlier);
  if (sent.state == datagrams_sent::status::waits) waits_for_room_ = true;
  if (earlier) {
    untold_error_ = earlier;
    loop_.serve_again(*this);  // no event comes from inside a call
  }
  return sent;
}

void epoll_datagrams::close() noexcept {
  NARU_ASSERT(!closed_, "a socket is closed once");
  closed_ = true;
  loop_.retire(*this);
}

}  // namespace naru::engine
