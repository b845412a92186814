#pragma once

#include <naru/endpoint.hpp>
#include <naru/error.hpp>
#include <naru/options.hpp>

namespace naru::engine {

/// Binds by `bind(endpoint)`. On a system without IPv6 its wildcard means that of IPv4, unless only IPv6 was
/// asked for. [any]
template <typename Bind>
[[nodiscard]] auto bind_or_fall_back(const endpoint& local, const bind_options& options, Bind&& bind)
    -> decltype(bind(local)) {
  if (local.family() == address_family::none) return std::unexpected{make_error_code(errc::invalid_endpoint)};
  auto made = bind(local);
  const bool means_any_address = local == endpoint::any_ipv6(local.port()) && !options.ipv6_only;
  if (!made && made.error() == std::errc::address_family_not_supported && means_any_address) {
    return bind(endpoint::any_ipv4(local.port()));
  }
  return made;
}

}  // namespace naru::engine
