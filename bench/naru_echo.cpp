// The echo server on naru, over TCP. All that can be named beside the port is off unless it is.

#include "support/naru_echo.hpp"

#include <chrono>
#include <utility>

#include <CLI/CLI.hpp>

#include "support/naru_server.hpp"
#include "support/programs.hpp"

int main(int argc, char** argv) {
  naru::bench::naru_server server = {.listen = naru::bench::benchmark_listener()};
  unsigned message_timeout_ms = 0;
  unsigned idle_timeout_ms = 0;
  return naru::bench::run_program(
      argc, argv, "An echo server on naru",
      [&](CLI::App& arguments) {
        arguments.add_option("--port", server.port, "on 127.0.0.1; 0 takes a free one")
            ->capture_default_str();
        arguments.add_flag("--half-open", server.listen.connection.half_open,
                           "keeps connections whose peers have ended their stream");
        arguments.add_option("--message-timeout-ms", message_timeout_ms)->capture_default_str();
        arguments.add_option("--idle-timeout-ms", idle_timeout_ms)->capture_default_str();
      },
      [&] {
        naru::bench::raise_descriptor_limit();
        server.listen.connection.message_timeout = std::chrono::milliseconds{message_timeout_ms};
        server.listen.connection.idle_timeout = std::chrono::milliseconds{idle_timeout_ms};
        naru::bench::serve(std::move(server), naru::bench::echo_handlers());
      });
}
