#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace naru::bench {

/// Of so many times the one that `share` of them do not exceed.
[[nodiscard]] inline std::chrono::nanoseconds quantile(std::vector<std::chrono::nanoseconds>& times,
                                                       double share) {
  if (times.empty()) return {};
  const auto last = static_cast<double>(times.size() - 1);
  const auto place = times.begin() + static_cast<std::ptrdiff_t>(last * share);
  std::nth_element(times.begin(), place, times.end());
  return *place;
}

}  // namespace naru::bench
