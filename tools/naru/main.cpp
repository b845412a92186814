#include <cstdio>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <naru/version.hpp>

#include "arguments.hpp"
#include "commands.hpp"
#include "process.hpp"

namespace naru::program {
namespace {

/// `naru` or `naru echo`: who speaks in an error.
std::string speaker(const CLI::App& program) {
  const auto given = program.get_subcommands();
  return given.empty() ? "naru" : fmt::format("naru {}", given.front()->get_name());
}

int refuse(const CLI::App& program, std::string_view what, bool point_to_help) {
  const auto who = speaker(program);
  const auto hint = point_to_help ? fmt::format(" ({} --help says what there is)", who) : std::string{};
  fmt::print(stderr, "{}: {}{}\n", who, what, hint);
  return status_usage;
}

int run(int argc, char** argv) {
  CLI::App program{"Network I/O with naru: a server, a client and a load generator to try it with.", "naru"};
  program.set_version_flag("--version", fmt::format("naru {}", naru::version()));
  program.require_subcommand(0, 1);  // none is told apart below, where an unknown one has been named
  command chosen;
  add_demo_command(program, chosen);
  add_echo_command(program, chosen);
  add_chat_command(program, chosen);
  add_load_command(program, chosen);
  add_cat_command(program, chosen);
  program.failure_message([](const CLI::App*, const CLI::Error&) { return std::string{}; });
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return program.exit(asked);  // --help and --version
  } catch (const CLI::ParseError& error) {
    return refuse(program, error.what(), true);
  } catch (const usage_error& error) {
    return refuse(program, error.what(), false);
  }
  if (!chosen) return refuse(program, "a command is missing", true);
  try {
    return chosen();
  } catch (const usage_error& error) {
    return refuse(program, error.what(), false);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", speaker(program), error.what());
    return status_failed;
  }
}

}  // namespace
}  // namespace naru::program

int main(int argc, char** argv) {
  try {
    const naru::program::plain_streams streams;
    return naru::program::run(argc, argv);
  } catch (...) {  // what could not even be put into words, such as a want of memory
    std::fputs("naru: it could not start\n", stderr);
    return naru::program::status_failed;
  }
}
