#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "arguments.hpp"
#include "commands.hpp"
#include "process.hpp"
#include "server.hpp"
#include "style.hpp"
#include "summary.hpp"
#include "waiting.hpp"

namespace naru::program {

namespace {

using clock = std::chrono::steady_clock;

double seconds_between(clock::time_point from, clock::time_point to) {
  return std::chrono::duration<double>{to - from}.count();
}

std::string status_text(const network_stats& before, const network_stats& now, double seconds) {
  const auto messages = static_cast<double>(now.messages_received - before.messages_received) / seconds;
  const auto bytes = static_cast<double>(now.bytes_received - before.bytes_received) / seconds;
  return fmt::format("  {} connections   {} messages/s   {} MB/s", grouped(now.open),
                     grouped(static_cast<std::uint64_t>(messages)), megabytes(bytes));
}

void show_status_until_stopped(const server& running, console& speaker, const std::stop_token& stop) {
  if (!speaker.has_status_line()) return wait_for_stop(stop);
  auto before = running.stats();
  auto then = clock::now();
  while (!wait_for_stop_until(stop, then + std::chrono::seconds{1})) {
    const auto stats = running.stats();
    const auto now = clock::now();
    speaker.status(status_text(before, stats, seconds_between(then, now)));
    before = stats;
    then = now;
  }
  speaker.end_status();
}

std::string listening_text(const std::vector<listen_address>& addresses) {
  std::string text;
  for (const auto& [over, at] : addresses) {
    text += fmt::format("listening on {} over {}\n", at.to_string(), name_of(over));
  }
  return text;
}

/// Nobody else would tell of them: neither side has seen these.
std::string losses_text(const network_stats& stats) {
  const auto lost = stats.udp.lost_by_system + stats.udp.lost_between_workers + stats.messages_dropped;
  return lost == 0 ? "" : fmt::format("; {} datagrams lost here", grouped(lost));
}

std::string summary(std::string_view speaker, const network_stats& stats, double seconds) {
  return fmt::format(
      "{}: {:.1f} s, {} connections, {} messages received ({} MB), {} sent ({} MB); closes: {}{}\n", speaker,
      seconds, grouped(stats.accepted), grouped(stats.messages_received),
      megabytes(static_cast<double>(stats.bytes_received)), grouped(stats.messages_sent),
      megabytes(static_cast<double>(stats.bytes_sent)), closes_by_cause(stats), losses_text(stats));
}

}  // namespace

int serve(std::string_view name, const server_options& options,
          const std::shared_ptr<const handlers>& shared) {
  check_listen_addresses(options.listen_at);
  console speaker{std::string{name}};
  const std::stop_source stop;
  const termination_watch watch{stop};
  (void)raise_open_files_limit();
  server running{options, speaker};
  const auto addresses = running.start(shared);
  if (!addresses) {
    speaker.complain(addresses.error());
    return status_failed;
  }
  const auto started = clock::now();
  speaker.print(listening_text(*addresses));
  show_status_until_stopped(running, speaker, stop.get_token());
  running.stop(std::chrono::seconds{1});
  speaker.print(summary(name, running.stats(), seconds_between(started, clock::now())));
  return status_good;
}

}  // namespace naru::program
