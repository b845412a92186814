#pragma once

#include <system_error>

#include <naru/endpoint.hpp>

#include "engine/datagrams.hpp"

namespace naru::engine {

/// Has the system say with each datagram what a datagram socket bound to this address needs to know. [any]
[[nodiscard]] std::error_code prepare_datagrams(int socket, const endpoint& local) noexcept;

/// Between the two, everything that comes to the socket is dropped by the system (SO_ATTACH_FILTER,
/// socket(7)). [any]
[[nodiscard]] std::error_code hear_nobody(int socket) noexcept;
[[nodiscard]] std::error_code hear_again(int socket) noexcept;

/// [any]
void apply(const datagram_options& options, int socket) noexcept;

}  // namespace naru::engine
