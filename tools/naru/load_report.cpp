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

std::string errors_in_words(const load_result& outcome) {
  return fmt::format("lost {}, wrong {}, refused {}, closed early {}", grouped(outcome.lost),
                     grouped(outcome.wrong), grouped(outcome.refused), grouped(outcome.closed_early));
}

}  // namespace

std::string report(const load_options& options, const load_result& outcome) {
  const auto look = style::of(stdout);
  const auto speed = rates_of(options, outcome);
  const auto latency = [&outcome](double share) { return readable(outcome.latencies.quantile(share)); };
  const auto seconds = std::chrono::duration<double>{outcome.measured}.count();
  const auto errors = outcome.lost + outcome.wrong + outcome.refused + outcome.closed_early;

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
  const auto verdict = errors_in_words(outcome);
  text += line("errors", grouped(errors), outcome.is_good() ? look.good(verdict) : look.bad(verdict));
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
  const json all{
      {"tcp", options.remote},
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
      {"good", outcome.is_good()},
  };
  return all.dump(2) + "\n";
}

}  // namespace naru::program
