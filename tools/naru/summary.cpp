#include "summary.hpp"

#include <spdlog/fmt/fmt.h>

#include <naru/close_reason.hpp>

#include "style.hpp"

namespace naru::program {

std::string closes_by_cause(const network_stats& stats) {
  std::string text;
  for (std::size_t i = 0; i < stats.closed.size(); ++i) {
    if (stats.closed[i] == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", to_string(static_cast<close_cause>(i)),
                        grouped(stats.closed[i]));
  }
  return text.empty() ? "none" : text;
}

}  // namespace naru::program
