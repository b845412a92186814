// The echo server on naru, over UDP.

#include <CLI/CLI.hpp>

#include "support/naru_echo_server.hpp"
#include "support/programs.hpp"

int main(int argc, char** argv) {
  naru::bench::naru_echo_options options = {.over = naru::udp};
  return naru::bench::run_program(
      argc, argv, "An echo server on naru, over UDP",
      [&](CLI::App& arguments) {
        arguments.add_option("--port", options.port, "0: a free one")->capture_default_str();
        arguments.add_option("--workers", options.workers)->capture_default_str();
        arguments.add_flag("--one-socket", options.one_socket, "one worker receives for all");
      },
      [&] { naru::bench::serve_naru_echo(options); });
}
