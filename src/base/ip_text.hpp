#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// IP addresses as text. Written here, because what the systems' functions accept differs from one to the
/// next. [any]
namespace naru::base {

using ipv4_bytes = std::array<std::uint8_t, 4>;
using ipv6_bytes = std::array<std::uint8_t, 16>;

/// A whole number in decimal digits, at most `largest`. No sign, no space, and no leading zero, which some
/// would read as octal (RFC 6943, 3.1.1).
[[nodiscard]] std::optional<std::uint32_t> parse_decimal(std::string_view text,
                                                         std::uint32_t largest) noexcept;

/// Four decimal numbers; none of the shorter, octal and hexadecimal forms of inet_aton(3).
[[nodiscard]] std::optional<ipv4_bytes> parse_ipv4(std::string_view text) noexcept;

/// All the forms of RFC 4291, 2.2; without brackets and scope.
[[nodiscard]] std::optional<ipv6_bytes> parse_ipv6(std::string_view text) noexcept;

[[nodiscard]] std::string format_ipv4(const ipv4_bytes& address);

/// As RFC 5952, 4 says.
[[nodiscard]] std::string format_ipv6(const ipv6_bytes& address);

}  // namespace naru::base
