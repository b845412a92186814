#pragma once

#include <functional>

namespace CLI {  // NOLINT(readability-identifier-naming): of the library
class App;       // NOLINT(readability-identifier-naming)
}

/// The commands of the program. Each adds itself to the command line; when it is the one that was given,
/// parsing leaves in `chosen` what to run. Running returns the exit status.
namespace naru::program {

using command = std::function<int()>;

void add_echo_command(CLI::App& program, command& chosen);
void add_chat_command(CLI::App& program, command& chosen);
void add_load_command(CLI::App& program, command& chosen);
void add_cat_command(CLI::App& program, command& chosen);
void add_demo_command(CLI::App& program, command& chosen);

/// Exit statuses.
inline constexpr int status_good = 0;
inline constexpr int status_failed = 1;
inline constexpr int status_usage = 2;

}  // namespace naru::program
