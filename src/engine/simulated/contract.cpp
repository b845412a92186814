#include "engine/simulated/contract.hpp"

#include <cstdio>
#include <cstdlib>

namespace naru::engine::simulated {

void require(bool holds, const char* rule) noexcept {
  if (holds) return;
  std::fprintf(stderr, "naru: simulated engine: a rule of the seam was broken: %s\n", rule);
  std::abort();
}

}  // namespace naru::engine::simulated
