#pragma once

#include <string>

#include <naru/stats.hpp>

namespace naru::program {

/// How connections ended: `local 3, peer 12`, or `none`.
[[nodiscard]] std::string closes_by_cause(const network_stats& stats);

}  // namespace naru::program
