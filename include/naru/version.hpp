#pragma once

#include <string_view>

#include <naru/export.hpp>

namespace naru {

/// The version of the library that runs, as `major.minor.patch` (semver.org).
[[nodiscard]] NARU_API std::string_view version() noexcept;

}  // namespace naru
