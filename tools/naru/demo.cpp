#include <memory>
#include <thread>

#include <spdlog/fmt/fmt.h>

#include "arguments.hpp"
#include "commands.hpp"
#include "load.hpp"
#include "process.hpp"
#include "server.hpp"
#include "style.hpp"

namespace naru::program {

namespace {

struct demo_options {
  std::chrono::nanoseconds duration = std::chrono::seconds{5};
};

/// Each side gets half of the cores.
unsigned workers_of_a_side() {
  return std::max(1U, std::thread::hardware_concurrency() / 2);
}

std::string introduction(const load_options& options) {
  const auto look = style::of(stdout);
  const auto shown = fmt::format(
      "An echo server and {} connections to it on loopback, {} messages of {} bytes under way on each.",
      options.connections, options.depth, options.message_bytes);
  const auto by_hand = fmt::format(
      "By hand: naru echo --tcp 127.0.0.1:7000, and beside it: naru load --tcp "
      "127.0.0.1:7000 --connections {} --size {} --depth {}",
      options.connections, options.message_bytes, options.depth);
  return fmt::format("{}\n{}\n\n", look.strong(shown), look.faint(by_hand));
}

int demo(const demo_options& chosen) {
  console speaker{"naru demo"};
  const std::stop_source stop;
  const termination_watch watch{stop};
  (void)raise_open_files_limit();
  server echo{{.listen_at = endpoint::loopback_ipv4(0), .workers = workers_of_a_side()}, speaker};
  const auto address = echo.start(echo_handlers());
  if (!address) {
    speaker.complain(address.error());
    return status_failed;
  }
  const load_options options{.remote = address->to_string(),
                             .connections = 100,
                             .message_bytes = 64,
                             .depth = 4,
                             .duration = chosen.duration,
                             .workers = workers_of_a_side()};
  speaker.print(introduction(options));
  const auto outcome = run_load(options, speaker, stop.get_token());
  echo.stop(std::chrono::seconds{1});
  if (!outcome || (*outcome)->connect_error) {
    speaker.complain(outcome ? (*outcome)->connect_error.message() : outcome.error());
    return status_failed;
  }
  const bool printed = speaker.print(report(options, **outcome));
  return (*outcome)->is_good() && printed ? status_good : status_failed;
}

}  // namespace

void add_demo_command(CLI::App& program, command& chosen) {
  auto& app = *program.add_subcommand("demo", "Shows an echo server under load, on loopback");
  const auto options = std::make_shared<demo_options>();
  add_parsed_option(app, "--duration", options->duration, parse_seconds, "SECONDS", "How long (default: 5)");
  app.callback([options, &chosen] { chosen = [options] { return demo(*options); }; });
}

}  // namespace naru::program
