#include <array>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <naru/close_reason.hpp>

#include "chart.hpp"
#include "load.hpp"
#include "style.hpp"
#include "summary.hpp"

namespace naru::program {

namespace {

struct rates {
  double messages_a_second = 0;
  double bytes_a_second = 0;
};

rates rates_of(const load_options& options, const load_result& outcome) {
  const auto seconds = std::chrono::duration<double>{outcome.measured}.count();
  if (seconds <= 0) return {};
  const auto messages = static_cast<double>(outcome.messages) / seconds;
  return {messages, messages * static_cast<double>(options.message_bytes)};
}

std::string line(std::string_view name, std::string_view value, std::string_view more = {}) {
  return fmt::format("  {:<14}{:>13}{}{}\n", name, value, more.empty() ? "" : "   ", more);
}

double lost_percent(const load_result& outcome) {
  if (outcome.sent == 0) return 0;
  return 100 * static_cast<double>(outcome.lost) / static_cast<double>(outcome.sent);
}

/// What datagrams may do, and streams may not.
std::string datagram_lines(const load_result& outcome) {
  std::string text;
  text += line("lost", grouped(outcome.lost),
               fmt::format("{:.3g} % of {} sent; {} of them were answered too late", lost_percent(outcome),
                           grouped(outcome.sent), grouped(outcome.late_answers)));
  if (const auto here = outcome.stats.udp.lost_by_system; here != 0) {
    text += line("lost here", grouped(here), "answers for which this side's own buffers had no room");
  }
  text += line("reordered", grouped(outcome.reordered), "answered after a later message of their connection");
  text += line("duplicates", grouped(outcome.duplicates), "further answers to the same message");
  return text;
}

std::string errors_in_words(transport over, const load_result& outcome) {
  const auto lost = over == tcp ? fmt::format("lost {}, ", grouped(outcome.lost)) : std::string{};
  return fmt::format("{}wrong {}, refused {}, closed early {}", lost, grouped(outcome.wrong),
                     grouped(outcome.refused), grouped(outcome.closed_early));
}

}  // namespace

std::string report(const load_options& options, const load_result& outcome) {
  const auto look = style::of(stdout);
  const auto speed = rates_of(options, outcome);
  const auto latency = [&outcome](double share) { return readable(outcome.latencies.quantile(share)); };
  const auto seconds = std::chrono::duration<double>{outcome.measured}.count();
  const auto over = options.remote.over;

  std::string text;
  text += line("messages/s", grouped(static_cast<std::uint64_t>(speed.messages_a_second)),
               fmt::format("{} messages in {:.2f} s", grouped(outcome.messages), seconds));
  text += line("MB/s", megabytes(speed.bytes_a_second), "of message bytes, each way");
  text += line("latency p50", latency(0.5));
  text += line("        p90", latency(0.9));
  text += line("        p99", latency(0.99));
  text += line("        p99.9", latency(0.999));
  text += line("        max", readable(outcome.latencies.max()));
  if (options.rate)
    text += line("late", grouped(outcome.late), "due by the rate, but not sent for want of answers");
  if (over == udp) text += datagram_lines(outcome);
  const auto verdict = errors_in_words(over, outcome) +
                       (outcome.answered == 0 && outcome.lost > 0 ? "; nothing came back" : "");
  text += line("errors", grouped(outcome.faults(over)),
               outcome.is_good(over) ? look.good(verdict) : look.bad(verdict));
  text += line("closes", grouped(options.connections), closes_by_cause(outcome.stats));
  return text + "\n" + draw(outcome.latencies, look);
}

std::string report_as_json(const load_options& options, const load_result& outcome) {
  using json = nlohmann::ordered_json;
  const auto speed = rates_of(options, outcome);
  const auto microseconds = [](std::chrono::nanoseconds time) {
    return std::chrono::duration<double, std::micro>{time}.count();
  };
  const auto latency = [&](double share) { return microseconds(outcome.latencies.quantile(share)); };
  json closes;
  for (std::size_t i = 0; i < outcome.stats.closed.size(); ++i) {
    closes[std::string{to_string(static_cast<close_cause>(i))}] = outcome.stats.closed[i];
  }
  const auto over = options.remote.over;
  json all{
      {over == tcp ? "tcp" : "udp", options.remote.at},
      {"connections", options.connections},
      {"size_bytes", options.message_bytes},
      {"depth", options.depth},
      {"rate_per_s", options.rate ? json(*options.rate) : json(nullptr)},
      {"duration_s", std::chrono::duration<double>{outcome.measured}.count()},
      {"sent", outcome.sent},
      {"messages", outcome.messages},
      {"messages_per_s", speed.messages_a_second},
      {"megabytes_per_s", speed.bytes_a_second / 1e6},
      {"latency_us",
       {{"mean", microseconds(outcome.latencies.mean())},
        {"p50", latency(0.5)},
        {"p90", latency(0.9)},
        {"p99", latency(0.99)},
        {"p99_9", latency(0.999)},
        {"max", microseconds(outcome.latencies.max())}}},
      {"late", outcome.late},
      {"errors",
       {{"lost", outcome.lost},
        {"wrong", outcome.wrong},
        {"refused", outcome.refused},
        {"closed_early", outcome.closed_early},
        {"connect", outcome.connect_error ? json(outcome.connect_error.message()) : json(nullptr)}}},
      {"closes", closes},
      {"good", outcome.is_good(over)},
  };
  if (over == udp) {
    all["datagrams"] = {{"answered", outcome.answered},
                        {"lost", outcome.lost},
                        {"lost_percent", lost_percent(outcome)},
                        {"late_answers", outcome.late_answers},
                        {"lost_here", outcome.stats.udp.lost_by_system},
                        {"reordered", outcome.reordered},
                        {"duplicates", outcome.duplicates},
                        {"unheard", outcome.unheard}};
  }
  return all.dump(2) + "\n";
}

}  // namespace naru::program
