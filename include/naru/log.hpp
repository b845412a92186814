#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include <naru/export.hpp>

namespace naru {

enum class log_level : std::uint8_t { debug, info, warning, error, off };

[[nodiscard]] NARU_API std::string_view to_string(log_level level) noexcept;

/// Takes one line of the library's log, without a line end. Called from any thread, from several at the same
/// time; it must not throw and must not call the network that it logs for. The text dies with the call.
using log_handler = std::move_only_function<void(log_level, std::string_view) const>;

}  // namespace naru
