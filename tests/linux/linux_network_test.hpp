#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "support/network_test.hpp"

namespace naru::test {

/// The engines of the real kernel.
[[nodiscard]] std::vector<engine_under_test> kernel_engines();

/// A network beside sockets that the test makes itself, by system calls.
class linux_network_test : public network_test {
 protected:
  /// Accepts with `at_server_`, and echoes.
  endpoint listen_and_echo(const connection_options& options = {});
};

/// The processor time that this process, with all its threads, has used.
[[nodiscard]] std::chrono::microseconds processor_time();
/// The share of one processor that this process uses, in percent, while nothing is asked of it.
[[nodiscard]] double idle_percent();
/// How many connections a test of very many can have: 10,000, or half of what the limit of descriptors
/// allows.
[[nodiscard]] std::size_t very_many_connections();

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// Their allocators keep more for each, and do not tell.
inline constexpr bool memory_is_told = false;
#else
inline constexpr bool memory_is_told = true;
#endif
/// What this process has allocated, with what the allocator itself keeps for it (mallinfo2(3)), where
/// `memory_is_told`.
[[nodiscard]] std::size_t allocated_bytes();

}  // namespace naru::test
