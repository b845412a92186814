#include "engine/windows/iocp/iocp_acceptor.hpp"

#include <new>
#include <utility>

#include "base/assert.hpp"
#include "engine/windows/iocp/iocp_loop.hpp"
#include "engine/windows/socket_address.hpp"
#include "engine/windows/socket_options.hpp"
#include "engine/windows/windows_error.hpp"

namespace naru::engine {
namespace {

/// How many peers one seat takes before others have their turn.
constexpr int accepts_a_turn = 16;

/// A peer that was gone before it was accepted, which says nothing about the next one.
bool concerns_one_peer(std::error_code error) noexcept {
  return error == std::errc::connection_reset || error == std::errc::connection_aborted ||
         error == std::errc::timed_out || error == std::errc::operation_canceled;
}

}  // namespace

iocp_acceptor::iocp_acceptor(iocp_loop& loop, owned_socket socket, acceptor_events& events) noexcept
    : iocp_source{std::move(socket)},
      loop_{loop},
      events_{events},
      family_{socket_family_of(this->socket())} {}

std::error_code iocp_acceptor::open() noexcept {
  for (std::unique_ptr<seat>& each : seats_) {
    each.reset(new (std::nothrow) seat{*this});
    if (each == nullptr) return std::make_error_code(std::errc::not_enough_memory);
  }
  return {};
}

void iocp_acceptor::take_turn() {
  for (const std::unique_ptr<seat>& each : seats_) {
    if (is_closed() || resting_) return;
    serve(*each);
  }
}

void iocp_acceptor::completed(operation& done, std::size_t /*bytes*/, std::error_code error) {
  auto& one = static_cast<seat&>(done);
  one.taken = !error;
  if (error) {
    one.peer.close();
    if (!resting_ && !concerns_one_peer(error)) return fail(error);
  }
  serve(one);
}

void iocp_acceptor::serve(seat& one) {
  for (int turn = 0; turn < accepts_a_turn; ++turn) {
    if (is_closed() || resting_ || one.under_way()) return;
    if (one.taken) {
      hand_out(one);
    } else if (!offer(one)) {
      return;
    }
  }
  if (!is_closed()) loop_.serve_again(*this);
}

bool iocp_acceptor::offer(seat& free) {
  auto made = make_socket(family_, SOCK_STREAM);
  if (!made) {
    fail(made.error());
    return false;
  }
  free.peer = *std::move(made);
  DWORD bytes = 0;
  const BOOL success = loop_.calls().accept(socket(), free.peer.get(), free.addresses.data(), 0,
                                            address_bytes, address_bytes, &bytes, free.fresh());
  switch (begun(free, success != FALSE)) {
    case start::done:
      free.taken = true;
      return true;
    case start::pending:
      return false;
    case start::refused:
      break;
  }
  const std::error_code error = last_socket_error();
  free.peer.close();
  if (concerns_one_peer(error)) return true;
  fail(error);
  return false;
}

void iocp_acceptor::hand_out(seat& taken) {
  taken.taken = false;
  owned_socket peer = std::exchange(taken.peer, {});
  if (take_on_connection(peer.get(), socket())) return;  // it is gone again
  sockaddr* local = nullptr;
  sockaddr* remote = nullptr;
  int local_bytes = 0;
  int remote_bytes = 0;
  loop_.calls().accepted_addresses(taken.addresses.data(), 0, address_bytes, address_bytes, &local,
                                   &local_bytes, &remote, &remote_bytes);
  events_.on_accepted(to_raw_socket(std::move(peer)), socket_address{remote, remote_bytes}.to_endpoint());
}

void iocp_acceptor::fail(std::error_code error) {
  resting_ = true;
  events_.on_accept_failed(error);
}

void iocp_acceptor::resume() noexcept {
  NARU_ASSERT(!is_closed(), "a closed acceptor does not go on");
  resting_ = false;
  loop_.serve_again(*this);
}

void iocp_acceptor::close() noexcept {
  NARU_ASSERT(!is_closed(), "an acceptor is closed once");
  loop_.retire(*this);
}

}  // namespace naru::engine
