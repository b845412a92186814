#include <memory>

#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "server.hpp"

namespace naru::program {

void add_echo_command(CLI::App& program, command& chosen) {
  auto& app = *program.add_subcommand("echo", "Sends every message back to where it came from");
  const auto options = std::make_shared<server_options>();
  add_server_options(app, *options);
  app.callback(
      [options, &chosen] { chosen = [options] { return serve("naru echo", *options, echo_handlers()); }; });
}

}  // namespace naru::program
