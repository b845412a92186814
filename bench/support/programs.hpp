#pragma once

#include <cerrno>
#include <cstdint>
#include <functional>
#include <system_error>

// NOLINTBEGIN(readability-identifier-naming): CLI11's own names
namespace CLI {
class App;
}
// NOLINTEND(readability-identifier-naming)

/// What every program here has in common: arguments, errors, and saying which port it got.
namespace naru::bench {

/// Connections that may wait to be accepted: the same for all servers.
inline constexpr int accept_queue_max = 4096;

/// The result of a system call, or its error as an exception.
inline int checked(int result, const char* call) {
  if (result < 0) throw std::system_error{errno, std::generic_category(), call};
  return result;
}

/// The main function of a program: reads the arguments that `declare` adds, and runs `body`. Wrong arguments
/// are exit status 2, an exception is one line and exit status 1.
[[nodiscard]] int run_program(int argc, char** argv, const char* description,
                              const std::function<void(CLI::App& arguments)>& declare,
                              const std::function<void()>& body) noexcept;

/// The main function of a server: reads `--port` and runs `serve` with it, 0 for a free one.
[[nodiscard]] int run_server(int argc, char** argv, const char* description,
                             const std::function<void(std::uint16_t port)>& serve) noexcept;

/// Prints the port that a server listens on, alone on a line: the driver waits for it.
void announce(std::uint16_t port);

/// Thousands of connections need more descriptors than the soft limit usually allows.
void raise_descriptor_limit();

void pin_this_thread(int cpu);

}  // namespace naru::bench
