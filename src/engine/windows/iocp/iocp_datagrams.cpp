#include "engine/windows/iocp/iocp_datagrams.hpp"

#include <array>
#include <cstring>
#include <new>
#include <utility>

#include "base/assert.hpp"
#include "engine/windows/iocp/iocp_loop.hpp"
#include "engine/windows/socket_address.hpp"
#include "engine/windows/windows_error.hpp"
#include "engine/windows/wine.hpp"

namespace naru::engine {
namespace {

bool may_go_later(int error) noexcept {
  // Closing the socket for one worker takes back what another is about to send by it.
  return lacks_room(error) || error == WSA_OPERATION_ABORTED;
}

/// Nothing can leave from that address, such as a broadcast's. The system then chooses one.
bool names_wrong_address(int error) noexcept {
  return error == WSAEADDRNOTAVAIL || error == WSAEINVAL;
}

/// The address that a datagram leaves from, as a control message (IP_PKTINFO, IPV6_PKTINFO): of the kind that
/// the address is of, also where an IPv6 socket sends to IPv4.
class local_control {
 public:
  explicit local_control(const endpoint& local) noexcept {
    const socket_address address{local};
    if (local.family() == address_family::ipv4) {
      IN_PKTINFO info = {};
      info.ipi_addr = address.v4_address();
      write(IPPROTO_IP, IP_PKTINFO, info);
    } else {
      IN6_PKTINFO info = {};
      info.ipi6_addr = address.v6_address();
      info.ipi6_ifindex = local.scope_id();
      write(IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
  }
  [[nodiscard]] WSABUF buffer() noexcept { return {.len = used_, .buf = bytes_.data()}; }

 private:
  template <typename Value>
  void write(int level, int type, const Value& value) noexcept {
    WSACMSGHDR header = {};
    header.cmsg_level = level;
    header.cmsg_type = type;
    header.cmsg_len = WSA_CMSG_LEN(sizeof value);
    std::memcpy(bytes_.data(), &header, sizeof header);
    std::memcpy(bytes_.data() + WSA_CMSG_LEN(0), &value, sizeof value);
    used_ = static_cast<ULONG>(WSA_CMSG_SPACE(sizeof value));
  }

  alignas(WSACMSGHDR) std::array<char, 64> bytes_ = {};
  ULONG used_ = 0;
};

}  // namespace

iocp_datagrams::iocp_datagrams(iocp_loop& loop, owned_socket socket, const endpoint& remote,
                               datagram_events& events) noexcept
    : iocp_source{std::move(socket)},
      loop_{loop},
      events_{events},
      remote_{remote},
      local_{local_endpoint_of(this->socket())},
      family_{socket_family_of(this->socket())},
      names_local_{local_.is_wildcard()} {}

std::error_code iocp_datagrams::open(std::size_t receives) noexcept {
  try {
    slots_.reserve(receives);
    batch_.reserve(receives);
  } catch (const std::bad_alloc&) {
    return std::make_error_code(std::errc::not_enough_memory);
  }
  for (std::size_t i = 0; i < receives; ++i) {
    slots_.push_back(datagram_slot::make(*this));
    if (slots_.back() == nullptr) return std::make_error_code(std::errc::not_enough_memory);
    free_.push_back(*slots_.back());
  }
  return {};
}

void iocp_datagrams::completed(operation& done, std::size_t bytes, std::error_code error) {
  auto& slot = static_cast<datagram_slot&>(done);
  slot.now = error ? datagram_slot::state::failed : datagram_slot::state::filled;
  slot.filled_bytes = bytes;
  slot.error = error;
  if (error == std::errc::operation_canceled) slot.now = datagram_slot::state::canceled;
  note_failure(error);
  // Later in this poll others may be told of as well; those are handed out together.
  loop_.serve_in_this_poll(*this);
}

void iocp_datagrams::take_turn() {
  if (untold_error_) events_.on_error(std::exchange(untold_error_, {}), remote_);
  if (is_closed()) return;
  const bool only_failed = !hand_out();
  if (is_closed()) return;
  // What fails again as soon as it is asked for must not keep the worker busy.
  if (only_failed) {
    loop_.serve_later(*this);
  } else {
    ask_again();
  }
}

bool iocp_datagrams::hand_out() {
  bool has_failed = false;
  bool has_datagrams = false;
  batch_.clear();
  std::error_code told;
  const auto tell = [this] {
    if (batch_.empty()) return;
    events_.on_received(batch_);
    batch_.clear();
  };
  while (!is_closed() && !asked_.empty() && asked_.front()->now != datagram_slot::state::under_way) {
    datagram_slot& slot = *asked_.pop_front();
    free_.push_back(slot);
    if (slot.now == datagram_slot::state::failed) {
      has_failed = true;
      tell();
      // Wine fails all receives that wait for the same reason, of which nobody wants to hear twice.
      const std::error_code error = as_told(slot.error.value());
      if (!is_closed() && std::exchange(told, error) != error) events_.on_error(error, remote_);
    } else if (slot.now == datagram_slot::state::filled) {
      const arrival one = slot.read(local_, remote_);
      // The system binds a socket before it sets its peer: what anybody sent it in between is not for it.
      if (!is_connected() || is_of_peer(one.remote)) batch_.push_back(one);
      has_datagrams = true;
    }
  }
  if (!is_closed()) tell();
  return has_datagrams || !has_failed;
}

bool iocp_datagrams::is_of_peer(const endpoint& from) const noexcept {
  if (from == remote_) return true;
  // A link-local peer that was named without a zone: the system has chosen one.
  return remote_.scope_id() == 0 && from.scope_id() != 0 && endpoint{from.address(), from.port()} == remote_;
}

void iocp_datagrams::ask_again() noexcept {
  bool has_news = false;
  while (datagram_slot* const slot = free_.pop_front()) {
    if (!ask(*slot)) {
      free_.push_back(*slot);
      loop_.serve_later(*this);
      break;
    }
    asked_.push_back(*slot);
    has_news |= slot->now != datagram_slot::state::under_way;
  }
  if (has_news) loop_.serve_again(*this);
}

bool iocp_datagrams::ask(datagram_slot& free) noexcept {
  DWORD bytes = 0;
  OVERLAPPED* const request = is_deaf_ ? nullptr : free.fresh();
  const bool success = loop_.calls().receive_message(socket(), free.message(), &bytes, request, nullptr) == 0;
  switch (request != nullptr ? begun(free, success) : success ? start::done : start::refused) {
    case start::done:
      free.now = datagram_slot::state::filled;
      free.filled_bytes = bytes;
      return true;
    case start::pending:
      free.now = datagram_slot::state::under_way;
      return true;
    case start::refused:
      break;
  }
  const int error = ::WSAGetLastError();
  if (!may_go_later(error)) {
    untold_error_ = as_told(error);
    note_failure(untold_error_);
  }
  return false;
}

void iocp_datagrams::note_failure(std::error_code error) noexcept {
  const bool is_of_icmp = error == std::errc::connection_refused || error == std::errc::connection_reset ||
                          error == std::errc::host_unreachable || error == std::errc::network_unreachable;
  if (!is_of_icmp || is_deaf_ || !is_connected() || !is_wine()) return;
  // Wine waits for nothing on a socket any more that had an ICMP error. So it is looked at now and then, for
  // which nothing may be waiting.
  is_deaf_ = true;
  ::CancelIoEx(handle(), nullptr);
}

std::error_code iocp_datagrams::as_told(int error) const noexcept {
  // What a socket with one peer is told of the ICMP message that nobody listens there.
  return socket_error(is_connected() && error == WSAECONNRESET ? WSAECONNREFUSED : error);
}

int iocp_datagrams::send_one(const departure& one) noexcept {
  WSABUF part = {.len = static_cast<ULONG>(one.bytes.size()),
                 .buf = const_cast<char*>(reinterpret_cast<const char*>(one.bytes.data()))};
  DWORD sent = 0;
  if (is_connected()) {
    const int outcome = loop_.calls().send(socket(), &part, 1, &sent, 0, nullptr, nullptr);
    return outcome == 0 ? 0 : ::WSAGetLastError();
  }
  socket_address remote{*one.remote, family_};
  if (names_local_ && one.local != nullptr && one.local->family() != address_family::none) {
    local_control control{*one.local};
    WSAMSG message = {};
    message.name = remote.data();
    message.namelen = std::as_const(remote).size();
    message.lpBuffers = &part;
    message.dwBufferCount = 1;
    message.Control = control.buffer();
    if (loop_.calls().send_message(socket(), &message, 0, &sent, nullptr, nullptr) == 0) return 0;
    if (!names_wrong_address(::WSAGetLastError())) return ::WSAGetLastError();
  }
  const int outcome = ::WSASendTo(socket(), &part, 1, &sent, 0, remote.data(), std::as_const(remote).size(),
                                  nullptr, nullptr);
  return outcome == 0 ? 0 : ::WSAGetLastError();
}

datagrams_sent iocp_datagrams::send(std::span<const departure> batch) noexcept {
  NARU_ASSERT(!is_closed(), "a closed socket sends no more");
  NARU_ASSERT(batch.size() <= departures_max, "a batch has a largest size");
  for (std::size_t done = 0; done < batch.size(); ++done) {
    int error = send_one(batch[done]);
    if (error == 0) continue;
    if (is_connected() && !may_go_later(error)) {
      // An ICMP error of before is told by whichever call comes next, which then has done nothing.
      const std::error_code earlier = as_told(error);
      note_failure(earlier);
      error = send_one(batch[done]);
      if (error == 0 || as_told(error) != earlier) {
        untold_error_ = earlier;
        loop_.serve_again(*this);  // no event comes from inside a call
      }
      if (error == 0) continue;
    }
    if (may_go_later(error)) return {.state = datagrams_sent::status::no_room, .count = done};
    return {.state = datagrams_sent::status::failed, .count = done, .error = as_told(error)};
  }
  return {.state = datagrams_sent::status::taken, .count = batch.size()};
}

void iocp_datagrams::close() noexcept {
  NARU_ASSERT(!is_closed(), "a socket is closed once");
  loop_.retire(*this);
}

}  // namespace naru::engine
