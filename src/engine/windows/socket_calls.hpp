#pragma once

#include <naru/error.hpp>

#include "engine/windows/windows_headers.hpp"

namespace naru::engine {

/// The calls that an engine makes by pointer: those that Winsock hands out at run time, and those in whose
/// place a test puts its own, for what a system does too seldom.
struct socket_calls {
  LPFN_ACCEPTEX accept = nullptr;
  LPFN_GETACCEPTEXSOCKADDRS accepted_addresses = nullptr;
  LPFN_CONNECTEX connect = nullptr;
  LPFN_WSARECVMSG receive_message = nullptr;
  LPFN_WSASENDMSG send_message = nullptr;
  decltype(&::WSASend) send = &::WSASend;
  decltype(&::WSARecv) receive = &::WSARecv;

  /// Asks Winsock for them (SIO_GET_EXTENSION_FUNCTION_POINTER). [any]
  [[nodiscard]] static result<socket_calls> load() noexcept;
};

}  // namespace naru::engine
