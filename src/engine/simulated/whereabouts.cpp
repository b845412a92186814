#include "engine/simulated/whereabouts.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace naru::engine::simulated {

namespace {

template <std::size_t Length>
[[nodiscard]] bool starts_with(const endpoint& address, const std::array<std::uint8_t, Length>& prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.address().begin());
}

}  // namespace

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

endpoint loopback(address_family family, std::uint16_t port) noexcept {
  return family == address_family::ipv4 ? endpoint::loopback_ipv4(port) : endpoint::loopback_ipv6(port);
}

endpoint concrete(const endpoint& address) noexcept {
  return address.is_wildcard() ? loopback(address.family(), address.port()) : address;
}

}  // namespace naru::engine::simulated
