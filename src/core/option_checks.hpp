#pragma once

#include <naru/error.hpp>
#include <naru/options.hpp>

namespace naru::core {

/// What is wrong with these options, before anything is made of them. docs/errors.md lists what they answer.
/// [any]
[[nodiscard]] std::error_code check(transport over, const connection_options& options) noexcept;
[[nodiscard]] std::error_code check(const network_options& options) noexcept;
[[nodiscard]] std::error_code check(transport over, const listen_options& options) noexcept;
[[nodiscard]] std::error_code check(transport over, const connect_options& options) noexcept;

}  // namespace naru::core
