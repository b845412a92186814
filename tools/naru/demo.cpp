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
  std::chrono::nanoseconds duration = std::chrono::seconds{3};
};

/// Each side gets half of the cores.
unsigned workers_of_a_side() {
  return std::max(1U, std::thread::hardware_concurrency() / 2);
}

std::string introduction(const load_options& options) {
  const auto look = style::of(stdout);
  const auto shown = fmt::format(
      "{}: An echo server and {} connections to it on loopback, {} messages of {} bytes under way on each.",
      name_of(options.remote.over), options.connections, options.depth, options.message_bytes);
  const auto by_hand = fmt::format(
      "By hand: naru echo {0} 127.0.0.1:7000, and beside it: naru load {0} "
      "127.0.0.1:7000 --connections {1} --size {2} --depth {3}",
      option_of(options.remote.over), options.connections, options.message_bytes, options.depth);
  return fmt::format("{}\n{}\n\n", look.strong(shown), look.faint(by_hand));
}

/// Whether it went well.
bool show(const listen_address& there, const demo_options& chosen, console& speaker,
          const std::stop_token& stop) {
  const load_options options{.remote = {there.over, there.at.to_string()},
                             .connections = 100,
                             .message_bytes = 64,
                             .depth = 4,
                             .duration = chosen.duration,
                             .workers = workers_of_a_side()};
  speaker.print(introduction(options));
  const auto outcome = run_load(options, speaker, stop);
  if (!outcome || (*outcome)->connect_error) {
    speaker.complain(outcome ? (*outcome)->connect_error.message() : outcome.error());
    return false;
  }
  const bool printed = speaker.print(report(options, **outcome));
  return (*outcome)->is_good(there.over) && printed;
}

int demo(const demo_options& chosen) {
  console speaker{"naru demo"};
  const std::stop_source stop;
  const termination_watch watch{stop};
  (void)raise_open_files_limit();
  const auto loopback = endpoint::loopback_ipv4(0);
  server echo{{.listen_at = {{tcp, loopback}, {udp, loopback}}, .workers = workers_of_a_side()}, speaker};
  const auto addresses = echo.start(echo_handlers());
  if (!addresses) {
    speaker.complain(addresses.error());
    return status_failed;
  }
  bool good = true;
  for (const auto& address : *addresses) {
    if (stop.stop_requested()) break;
    if (address.over != addresses->front().over) speaker.print("\n");
    good = show(address, chosen, speaker, stop.get_token()) && good;
  }
  echo.stop(std::chrono::seconds{1});
  return good ? status_good : status_failed;
}

}  // namespace

void add_demo_command(CLI::App& program, command& chosen) {
  auto& app = *program.add_subcommand(
      "demo", "Shows an echo server under load on loopback, over TCP and then over UDP");
  const auto options = std::make_shared<demo_options>();
  add_parsed_option(app, "--duration", options->duration, parse_seconds, "SECONDS",
                    "How long each (default: 3)");
  app.callback([options, &chosen] { chosen = [options] { return demo(*options); }; });
}

}  // namespace naru::program
