#pragma once

#include <cstddef>
#include <system_error>

#include <naru/error.hpp>

#include "engine/datagrams.hpp"
#include "engine/engine.hpp"
#include "engine/windows/owned_socket.hpp"
#include "engine/windows/windows_headers.hpp"

namespace naru::engine {

/// A socket of this family and type (SOCK_STREAM, SOCK_DGRAM) whose calls do not wait, that no child process
/// inherits. [any]
[[nodiscard]] result<owned_socket> make_socket(int family, int type) noexcept;
/// Sets a socket option that is a number. [any]
[[nodiscard]] std::error_code set_option(SOCKET socket, int level, int name, DWORD value) noexcept;

/// `kernel_unsent_bytes_max` has no counterpart: the system keeps a little more than the path holds, and
/// completes a send when that is so ("dynamic send buffering"). A limit of ours (SO_SNDBUF) would end that,
/// and count what is on its way as well. What this system does not know of the rest is left out. [any]
[[nodiscard]] std::error_code apply(const stream_options& options, SOCKET socket) noexcept;
/// [any]
void apply(const datagram_options& options, SOCKET socket) noexcept;

/// Makes a socket that ConnectEx has connected what others are (SO_UPDATE_CONNECT_CONTEXT), or one that
/// AcceptEx has, by the socket that listens (SO_UPDATE_ACCEPT_CONTEXT): until then it does not know its
/// addresses and cannot be shut down. [any]
[[nodiscard]] std::error_code take_on_connection(SOCKET socket) noexcept;
[[nodiscard]] std::error_code take_on_connection(SOCKET socket, SOCKET listening) noexcept;

/// What a stream that says nothing but its end has ended with. Wine forgets a reset that came while nothing
/// was being received: it shows only in that there is no peer any more. To be asked only where we have not
/// ended our own direction, after which there is none in any case. [any]
[[nodiscard]] std::error_code how_it_ended(SOCKET socket) noexcept;

}  // namespace naru::engine
