#pragma once

#include <chrono>

namespace naru::bench {

using steady = std::chrono::steady_clock;

/// The moment so many seconds from now.
[[nodiscard]] inline steady::time_point after(double seconds) {
  return steady::now() + std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>{seconds});
}

}  // namespace naru::bench
