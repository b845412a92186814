#include "chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <spdlog/fmt/fmt.h>

namespace naru::program {

namespace {

using duration = histogram::duration;

struct row {
  duration below = {};
  std::uint64_t count = 0;
};

/// The rows that hold anything, with the empty ones between them.
std::vector<row> rows_on_scale(const histogram& latencies, std::span<const double> steps) {
  std::vector<row> rows;
  std::uint64_t seen = 0;
  const auto total = latencies.count();
  for (double decade = 1; seen < total; decade *= 10) {
    for (const double step : steps) {
      const duration below{std::llround(decade * step)};
      const auto so_far = latencies.count_below(below);
      if (so_far > 0 && seen < total) rows.push_back({below, so_far - seen});
      seen = so_far;
    }
  }
  return rows;
}

/// The finest scale that takes few enough lines for one look.
std::vector<row> rows_of(const histogram& latencies) {
  static constexpr std::array fine{1.0, 1.5, 2.0, 3.0, 5.0, 7.0};
  static constexpr std::array middling{1.0, 2.0, 5.0};
  static constexpr std::array coarse{1.0};
  constexpr std::size_t rows_max = 18;
  auto rows = rows_on_scale(latencies, fine);
  if (rows.size() > rows_max) rows = rows_on_scale(latencies, middling);
  if (rows.size() > rows_max) rows = rows_on_scale(latencies, coarse);
  return rows;
}

/// Names the percentiles whose value lies in this row.
std::string marks(const histogram& latencies, duration from, duration below) {
  struct mark {
    double share;
    std::string_view name;
  };
  static constexpr std::array known{mark{0.5, "p50"}, mark{0.9, "p90"}, mark{0.99, "p99"},
                                    mark{0.999, "p99.9"}};
  std::string text;
  for (const auto& [share, name] : known) {
    const auto value = latencies.quantile(share);
    if (value >= from && value < below) text += fmt::format(" {}", name);
  }
  return text;
}

}  // namespace

std::string draw(const histogram& latencies, const style& look) {
  const auto rows = rows_of(latencies);
  if (rows.empty()) return {};
  const auto highest = std::ranges::max(rows, {}, &row::count).count;
  const auto total = static_cast<double>(latencies.count());
  constexpr unsigned other_columns = 52;  // label, count, share and all four marks
  const auto bar_columns = std::clamp(look.columns, other_columns + 10, other_columns + 50) - other_columns;
  std::string text = look.strong("  latency below      messages   share") + "\n";
  duration from{0};
  for (const auto& [below, count] : rows) {
    text += fmt::format("  {:>13} {:>13} {:>6.2f}%", readable(below), grouped(count),
                        100 * static_cast<double>(count) / total);
    if (count > 0) {
      const auto drawn = bar(static_cast<double>(count) / static_cast<double>(highest), bar_columns);
      text += fmt::format("  {}{}", look.good(drawn), look.faint(marks(latencies, from, below)));
    }
    text += '\n';
    from = below;
  }
  return text;
}

}  // namespace naru::program
