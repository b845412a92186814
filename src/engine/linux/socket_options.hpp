#pragma once

#include <system_error>

#include "engine/engine.hpp"

namespace naru::engine {

/// Sets a socket option that is a number. [any]
[[nodiscard]] std::error_code set_option(int socket, int level, int name, int value) noexcept;

/// [any]
[[nodiscard]] std::error_code apply(const stream_options& options, int socket) noexcept;

/// Makes the close of this socket throw away what it holds and send a reset (SO_LINGER, socket(7)). [any]
void reset_on_close(int socket) noexcept;

}  // namespace naru::engine
