#pragma once

#include <cstdint>

namespace naru {

/// Names a bound socket of one network. Never used twice in one process.
enum class socket_id : std::uint64_t {};

/// Names a connection. Never used twice in one process.
enum class connection_id : std::uint64_t {};

}  // namespace naru
