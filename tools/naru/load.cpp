#include "load.hpp"

#include <algorithm>
#include <chrono>
#include <expected>
#include <memory>
#include <string_view>

#include <spdlog/fmt/fmt.h>

#include "arguments.hpp"
#include "commands.hpp"
#include "message_pattern.hpp"
#include "process.hpp"
#include "style.hpp"

namespace naru::program {

namespace {

void check_open_files(std::size_t connections) {
  constexpr std::size_t others = 64;  // the program's own files, and some that are still being closed
  const auto limit = raise_open_files_limit();
  if (connections + others <= limit) return;
  throw usage_error{
      fmt::format("--connections {}: at most {} are possible with a limit of {} open files (ulimit -Hn)",
                  connections, limit - std::min(limit, others), limit)};
}

parsed<std::chrono::milliseconds> parse_loss_timeout(std::string_view text) {
  const auto value = parse_whole_number(text, 1, 3'600'000);
  if (!value) return std::unexpected{value.error()};
  return std::chrono::milliseconds{*value};
}

void check_size(const load_options& options) {
  if (options.remote.over == tcp) return;
  const auto size = options.message_bytes;
  if (size < message_pattern::sequence_bytes) {
    throw usage_error{
        fmt::format("--size {}: with --udp at least {} bytes are needed, for the sequence number", size,
                    message_pattern::sequence_bytes)};
  }
  if (size > datagram_bytes_most) {
    throw usage_error{fmt::format("--size {}: a datagram has at most {} bytes", size, datagram_bytes_most)};
  }
}

int load(const load_options& options) {
  check_remote_address(options.remote);
  check_size(options);
  check_open_files(options.connections);
  console speaker{"naru load"};
  const std::stop_source stop;
  const termination_watch watch{stop};
  const auto outcome = run_load(options, speaker, stop.get_token());
  if (!outcome) {
    speaker.complain(outcome.error());
    return status_failed;
  }
  const auto& result = **outcome;
  if (result.connect_error) {
    speaker.complain(fmt::format("{}: {} ({} of {} connections were made)", options.remote.at,
                                 result.connect_error.message(), result.stats.connected,
                                 options.connections));
  }
  if (result.unheard != 0) {
    speaker.complain(fmt::format("{}: nobody listened there for at least {} of the messages",
                                 options.remote.at, grouped(result.unheard)));
  }
  const bool printed = options.json            ? speaker.print(report_as_json(options, result))
                       : !result.connect_error ? speaker.print(report(options, result))
                                               : true;
  if (!printed) speaker.complain("the result could not be written to the standard output");
  return result.is_good(options.remote.over) && printed ? status_good : status_failed;
}

}  // namespace

void add_load_command(CLI::App& program, command& chosen) {
  auto& app =
      *program.add_subcommand("load", "Sends messages to an echo, checks what comes back, and measures");
  const auto options = std::make_shared<load_options>();
  auto& target = *options;
  add_remote_options(app, target.remote);
  add_number_option(app, "--connections", target.connections, 1, 1'000'000, "N",
                    "Connections (default: 100)");
  add_number_option(app, "--size", target.message_bytes, 0, message_bytes_most, "BYTES",
                    "Bytes in each message (default: 64)");
  add_number_option(app, "--depth", target.depth, 1, 65536, "D",
                    "Messages that each connection may have under way (default: 1)");
  add_number_option(
      app, "--rate", target.rate, 1, 1'000'000'000, "R",
      "Messages a second of all connections together, on schedule: latency counts from when a message "
      "was due (default: each answer calls for the next)");
  add_parsed_option(app, "--duration", target.duration, parse_seconds, "SECONDS", "How long (default: 10)");
  add_parsed_option(app, "--loss-timeout-ms", target.loss_timeout, parse_loss_timeout, "MS",
                    "With --udp: a message that is not answered for so long is lost (default: 1000)")
      ->excludes("--tcp");
  add_workers_option(app, target.workers);
  app.add_flag("--json", target.json, "Print the result as JSON, and nothing else on the standard output");
  app.callback([options, &chosen] { chosen = [options] { return load(*options); }; });
}

}  // namespace naru::program
