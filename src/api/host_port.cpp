#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <naru/endpoint.hpp>

#include "base/ip_text.hpp"

namespace naru {
namespace {

bool is_digit(char letter) noexcept {
  return letter >= '0' && letter <= '9';
}

/// Whether it is meant as a number: the resolvers of most systems would take `127.1` and `0x7f.1` for
/// addresses, and no top-level domain looks like that (RFC 3696, 2).
bool ends_in_number(std::string_view host) noexcept {
  if (host.ends_with('.')) host.remove_suffix(1);
  const std::string_view label = host.substr(host.rfind('.') + 1);
  return label.starts_with("0x") || label.starts_with("0X") ||
         std::all_of(label.begin(), label.end(), is_digit);
}

/// Letters that would cut a name short or mean something else in an address. Those beyond ASCII are left to
/// the resolver.
bool has_forbidden_letter(std::string_view host) noexcept {
  return std::any_of(host.begin(), host.end(), [](char letter) {
    const auto code = static_cast<unsigned char>(letter);
    return code <= ' ' || code == 0x7f || std::string_view{":[]/%@*"}.find(letter) != std::string_view::npos;
  });
}

bool is_name_or_ipv4(std::string_view host) noexcept {
  if (host.empty() || has_forbidden_letter(host)) return false;
  return ends_in_number(host) ? base::parse_ipv4(host).has_value() : true;
}

/// An IPv6 address; the scope may be the name of an interface, which the resolver knows (RFC 4007, 11.2).
bool is_scoped_ipv6(std::string_view host) noexcept {
  const std::size_t percent = host.find('%');
  if (!base::parse_ipv6(host.substr(0, percent))) return false;
  if (percent == std::string_view::npos) return true;
  const std::string_view scope = host.substr(percent + 1);
  return !scope.empty() && !has_forbidden_letter(scope);
}

}  // namespace

result<host_port> host_port::parse(std::string_view text) {
  const auto invalid = std::unexpected{make_error_code(errc::invalid_endpoint)};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return invalid;
  const auto port = base::parse_decimal(text.substr(colon + 1), std::numeric_limits<std::uint16_t>::max());
  if (!port || *port == 0) return invalid;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!(bracketed ? is_scoped_ipv6(host) : is_name_or_ipv4(host))) return invalid;
  return host_port{.host = std::string{host}, .port = static_cast<std::uint16_t>(*port)};
}

}  // namespace naru
