#pragma once

namespace naru::engine::simulated {

/// Ends the process, naming the rule of the seam that was broken, unless it holds. In all builds: finding
/// this is what the engine is for. [any]
void require(bool holds, const char* rule) noexcept;

}  // namespace naru::engine::simulated
