#pragma once

#include <string>

#include "histogram.hpp"
#include "style.hpp"

namespace naru::program {

/// Draws how latencies are spread, a line for each step of a logarithmic scale.
[[nodiscard]] std::string draw(const histogram& latencies, const style& look);

}  // namespace naru::program
