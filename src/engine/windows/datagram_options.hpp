#pragma once

#include <system_error>

#include <naru/endpoint.hpp>

#include "engine/windows/windows_headers.hpp"

namespace naru::engine {

/// For a datagram socket that many peers share, bound to this address: the system says with each datagram
/// which address it was sent to, and does not fail receiving for what became of earlier ones
/// (SIO_UDP_CONNRESET, SIO_UDP_NETRESET). [any]
[[nodiscard]] std::error_code prepare_shared(SOCKET socket, const endpoint& local) noexcept;

}  // namespace naru::engine
