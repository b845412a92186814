// The echo server on naru, over UDP.

#include <utility>

#include <CLI/CLI.hpp>

#include "support/naru_echo.hpp"
#include "support/naru_server.hpp"
#include "support/programs.hpp"

int main(int argc, char** argv) {
  naru::bench::naru_server server = {.over = naru::udp, .listen = naru::bench::benchmark_listener()};
  return naru::bench::run_program(
      argc, argv, "An echo server on naru, over UDP",
      [&](CLI::App& arguments) {
        arguments.add_option("--port", server.port, "0: a free one")->capture_default_str();
        arguments.add_option("--workers", server.network.workers)->capture_default_str();
        arguments.add_flag("--one-socket", server.bind.one_socket, "one worker receives for all");
      },
      [&] { naru::bench::serve(std::move(server), naru::bench::echo_handlers()); });
}
