#pragma once

#include <string>
#include <string_view>

namespace naru::engine {

/// Between UTF-8, which naru speaks, and UTF-16, which Windows speaks. What is malformed becomes U+FFFD.
/// [any]
[[nodiscard]] std::wstring to_wide(std::string_view text);
[[nodiscard]] std::string to_utf8(std::wstring_view text);

}  // namespace naru::engine
