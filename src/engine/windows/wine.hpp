#pragma once

namespace naru::engine {

/// Whether the process runs under Wine, which players of games and our own tests use. What it does unlike
/// Windows and where that matters is said at each use of this, and in docs/backends.md. [any]
[[nodiscard]] bool is_wine() noexcept;

}  // namespace naru::engine
