#include "engine/simulated/claims.hpp"

#include <algorithm>
#include <expected>
#include <system_error>

#include "engine/simulated/whereabouts.hpp"

namespace naru::engine::simulated {

namespace {

/// The range of RFC 6335, section 6.
constexpr std::uint16_t first_dynamic_port = 49152;

}  // namespace

bool claim::takes_family(address_family family) const noexcept {
  if (local.family() == family) return true;
  return local.family() == address_family::ipv6 && local.is_wildcard() && !ipv6_only;
}

bool claim::conflicts_with(const claim& other) const noexcept {
  if (local.port() != other.local.port()) return false;
  if (local == other.local) return true;
  return (local.is_wildcard() && takes_family(other.local.family())) ||
         (other.local.is_wildcard() && other.takes_family(local.family()));
}

bool claim::covers(const endpoint& address) const noexcept {
  if (local.port() != address.port()) return false;
  return local == address || (local.is_wildcard() && takes_family(address.family()));
}

result<claim> claims::take(const endpoint& local, const bind_options& options) {
  if (local.family() == address_family::none) return std::unexpected{make_error_code(errc::invalid_endpoint)};
  if (find(local) != whereabouts::here) {
    return std::unexpected{std::make_error_code(std::errc::address_not_available)};
  }
  claim made{.local = local, .ipv6_only = options.ipv6_only};
  if (local.port() == 0) {
    do {
      made.local = local.with_port(next_port());
    } while (!is_free(made));
  } else if (!is_free(made)) {
    return std::unexpected{std::make_error_code(std::errc::address_in_use)};
  }
  taken_.push_back(made);
  return made;
}

void claims::give_back(const claim& taken) noexcept {
  std::erase_if(taken_, [&](const claim& one) { return one.local == taken.local; });
}

std::uint16_t claims::next_port() noexcept {
  last_port_ =
      last_port_ < first_dynamic_port ? first_dynamic_port : static_cast<std::uint16_t>(last_port_ + 1);
  return last_port_;
}

bool claims::is_free(const claim& candidate) const noexcept {
  return std::ranges::none_of(taken_, [&](const claim& one) { return one.conflicts_with(candidate); });
}

}  // namespace naru::engine::simulated
