#include "engine/simulated/port.hpp"

#include <algorithm>
#include <array>

namespace naru::engine::simulated {

namespace {

template <std::size_t Length>
[[nodiscard]] bool starts_with(const endpoint& address, const std::array<std::uint8_t, Length>& prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.address().begin());
}

}  // namespace

bool port::takes_family(address_family family) const noexcept {
  if (local.family() == family) return true;
  return local.family() == address_family::ipv6 && local.is_wildcard() && !ipv6_only;
}

bool port::conflicts_with(const port& other) const noexcept {
  if (local.port() != other.local.port()) return false;
  if (local == other.local) return true;
  return (local.is_wildcard() && takes_family(other.local.family())) ||
         (other.local.is_wildcard() && other.takes_family(local.family()));
}

bool port::answers(const endpoint& address) const noexcept {
  if (!listening || local.port() != address.port()) return false;
  return local == address || (local.is_wildcard() && takes_family(address.family()));
}

whereabouts find(const endpoint& address) noexcept {
  if (address.is_wildcard() || address.with_port(0) == endpoint::loopback_ipv6(0)) return whereabouts::here;
  if (address.family() == address_family::ipv4) {
    if (starts_with(address, std::to_array<std::uint8_t>({127}))) return whereabouts::here;
    if (starts_with(address, std::to_array<std::uint8_t>({192, 0, 2}))) return whereabouts::silent;
  }
  if (address.family() == address_family::ipv6 &&
      starts_with(address, std::to_array<std::uint8_t>({0x20, 0x01, 0x0d, 0xb8}))) {
    return whereabouts::silent;
  }
  return whereabouts::unreachable;
}

}  // namespace naru::engine::simulated
