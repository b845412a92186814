#include "windows/refused_calls.hpp"

#include <array>
#include <atomic>
#include <cstddef>

#include "engine/windows/socket_calls.hpp"
#include "engine/windows/windows_platform.hpp"

namespace naru::test {
namespace {

struct refusal {
  std::atomic<int> left = 0;
  std::atomic<int> code = 0;
};

// Winsock's calls carry nothing of ours, so that what stands in their place has to find this by itself.
std::array<refusal, 4> refusals;
engine::socket_calls real;

refusal& refusal_of(socket_call which) {
  return refusals[static_cast<std::size_t>(which)];
}

bool is_refused(socket_call which) {
  refusal& of = refusal_of(which);
  for (int left = of.left; left > 0;) {
    if (of.left.compare_exchange_weak(left, left - 1)) {
      ::WSASetLastError(of.code);
      return true;
    }
  }
  return false;
}

/// Whether a datagram socket has no peer of its own.
bool is_shared(SOCKET socket) {
  sockaddr_in6 peer = {};
  int size = sizeof peer;
  return ::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) != 0;
}

int WSAAPI send(SOCKET socket, LPWSABUF parts, DWORD count, LPDWORD sent, DWORD flags,
                LPWSAOVERLAPPED request, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
  if (is_refused(socket_call::send)) return SOCKET_ERROR;
  return real.send(socket, parts, count, sent, flags, request, routine);
}

int WSAAPI receive(SOCKET socket, LPWSABUF parts, DWORD count, LPDWORD received, LPDWORD flags,
                   LPWSAOVERLAPPED request, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
  if (is_refused(socket_call::receive)) return SOCKET_ERROR;
  return real.receive(socket, parts, count, received, flags, request, routine);
}

BOOL PASCAL accept(SOCKET listening, SOCKET peer, PVOID addresses, DWORD data_bytes, DWORD local_bytes,
                   DWORD remote_bytes, LPDWORD received, LPOVERLAPPED request) {
  if (is_refused(socket_call::accept)) return FALSE;
  return real.accept(listening, peer, addresses, data_bytes, local_bytes, remote_bytes, received, request);
}

int PASCAL receive_message(SOCKET socket, LPWSAMSG message, LPDWORD received, LPWSAOVERLAPPED request,
                           LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
  if (is_shared(socket) && is_refused(socket_call::receive_message)) return SOCKET_ERROR;
  return real.receive_message(socket, message, received, request, routine);
}

void adjust(engine::socket_calls& calls) {
  real = calls;  // the same for every engine
  calls.send = &send;
  calls.receive = &receive;
  calls.accept = &accept;
  calls.receive_message = &receive_message;
}

}  // namespace

void refuse_next(socket_call which, int code, int count) {
  refusal_of(which).code = code;
  refusal_of(which).left = count;
}

int refusals_left(socket_call which) {
  return refusal_of(which).left;
}

std::unique_ptr<engine_environment> make_refusing_environment() {
  for (refusal& each : refusals) each.left = 0;
  return std::make_unique<engine_environment>([]() -> std::shared_ptr<engine::platform> {
    return std::make_shared<engine::windows_platform>(&adjust);
  });
}

}  // namespace naru::test
