#include "engine/windows/socket_calls.hpp"

#include <system_error>

#include "engine/windows/owned_socket.hpp"
#include "engine/windows/socket_options.hpp"
#include "engine/windows/windows_error.hpp"

namespace naru::engine {
namespace {

template <typename Call>
std::error_code find(SOCKET socket, GUID id, Call& call) noexcept {
  DWORD bytes = 0;
  if (::WSAIoctl(socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &call, sizeof call, &bytes,
                 nullptr, nullptr) != 0) {
    return last_socket_error();
  }
  return {};
}

}  // namespace

result<socket_calls> socket_calls::load() noexcept {
  // Any socket does: they are the same for all of one provider, and streams and datagrams of IP have one.
  const auto socket = make_socket(AF_INET, SOCK_STREAM);
  if (!socket) return std::unexpected{socket.error()};
  const auto datagrams = make_socket(AF_INET, SOCK_DGRAM);
  if (!datagrams) return std::unexpected{datagrams.error()};
  socket_calls found;
  for (const std::error_code error :
       {find(socket->get(), WSAID_ACCEPTEX, found.accept),
        find(socket->get(), WSAID_GETACCEPTEXSOCKADDRS, found.accepted_addresses),
        find(socket->get(), WSAID_CONNECTEX, found.connect),
        find(datagrams->get(), WSAID_WSARECVMSG, found.receive_message),
        find(datagrams->get(), WSAID_WSASENDMSG, found.send_message)}) {
    if (error) return std::unexpected{error};
  }
  return found;
}

}  // namespace naru::engine
