#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <naru/endpoint.hpp>

#include "base/ip_text.hpp"

namespace naru {
namespace {

constexpr std::size_t mapped_prefix_bytes = 12;
constexpr std::uint16_t port_largest = std::numeric_limits<std::uint16_t>::max();

/// ::ffff:0:0/96 (RFC 4291, 2.5.5.2).
bool is_ipv4_mapped(const endpoint::ipv6_bytes& address) noexcept {
  constexpr std::array<std::uint8_t, mapped_prefix_bytes> prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::equal(prefix.begin(), prefix.end(), address.begin());
}

endpoint::ipv4_bytes four_from(const endpoint::ipv6_bytes& address, std::size_t first) noexcept {
  endpoint::ipv4_bytes four = {};
  std::copy_n(address.begin() + static_cast<std::ptrdiff_t>(first), four.size(), four.begin());
  return four;
}

/// What stands between the brackets: an address, perhaps with a scope (RFC 4007, 11.2).
result<endpoint> parse_bracketed(std::string_view text, std::uint16_t port) {
  const std::size_t percent = text.find('%');
  const auto address = base::parse_ipv6(text.substr(0, percent));
  if (!address) return std::unexpected{make_error_code(errc::invalid_endpoint)};
  if (percent == std::string_view::npos) return endpoint{*address, port};
  const auto scope = base::parse_decimal(text.substr(percent + 1), std::numeric_limits<std::uint32_t>::max());
  if (!scope) return std::unexpected{make_error_code(errc::invalid_endpoint)};
  return endpoint{*address, port, *scope};
}

/// Spreads the bits of a number over the whole of it (the finaliser of SplitMix64).
std::uint64_t mixed(std::uint64_t bits) noexcept {
  bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ bits >> 27) * 0x94d049bb133111ebU;
  return bits ^ bits >> 31;
}

}  // namespace

endpoint::endpoint(const ipv6_bytes& address, std::uint16_t port, std::uint32_t scope_id) noexcept
    : address_{address}, scope_id_{scope_id}, port_{port}, family_{address_family::ipv6} {
  if (is_ipv4_mapped(address)) *this = endpoint{four_from(address, mapped_prefix_bytes), port};
}

result<endpoint> endpoint::parse(std::string_view text) {
  const auto invalid = std::unexpected{make_error_code(errc::invalid_endpoint)};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return invalid;
  const auto number = base::parse_decimal(text.substr(colon + 1), port_largest);
  if (!number) return invalid;
  const auto port = static_cast<std::uint16_t>(*number);
  const std::string_view host = text.substr(0, colon);
  if (host.empty() || host == "*") return any_ipv6(port);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return parse_bracketed(host.substr(1, host.size() - 2), port);
  }
  const auto address = base::parse_ipv4(host);
  if (!address) return invalid;
  return endpoint{*address, port};
}

bool endpoint::is_wildcard() const noexcept {
  return family_ != address_family::none && address_ == ipv6_bytes{};
}

endpoint endpoint::with_port(std::uint16_t port) const noexcept {
  endpoint other = *this;
  other.port_ = port;
  return other;
}

std::string endpoint::address_text() const {
  switch (family_) {
    case address_family::none:
      return "-";
    case address_family::ipv4:
      return base::format_ipv4(four_from(address_, 0));
    case address_family::ipv6:
      break;
  }
  std::string text = base::format_ipv6(address_);
  if (scope_id_ != 0) text += '%' + std::to_string(scope_id_);
  return text;
}

std::string endpoint::to_string() const {
  switch (family_) {
    case address_family::none:
      return "-";
    case address_family::ipv4:
      return address_text() + ':' + std::to_string(port_);
    case address_family::ipv6:
      break;
  }
  return '[' + address_text() + "]:" + std::to_string(port_);
}

}  // namespace naru

std::size_t std::hash<naru::endpoint>::operator()(const naru::endpoint& value) const noexcept {
  const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(value.address());
  const std::uint64_t rest = std::uint64_t{value.scope_id()} << 32 |
                             static_cast<std::uint64_t>(value.port()) << 16 |
                             static_cast<std::uint64_t>(value.family());
  return static_cast<std::size_t>(naru::mixed(halves[0] + naru::mixed(halves[1] + naru::mixed(rest))));
}
