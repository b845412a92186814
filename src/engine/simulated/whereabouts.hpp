#pragma once

#include <cstdint>

#include <naru/endpoint.hpp>

namespace naru::engine::simulated {

/// Where an address is, seen from the simulated host.
enum class whereabouts : std::uint8_t { here, silent, unreachable };

[[nodiscard]] whereabouts find(const endpoint& address) noexcept;

[[nodiscard]] endpoint loopback(address_family family, std::uint16_t port) noexcept;
/// Where something goes that is sent to this address: a wildcard is this host.
[[nodiscard]] endpoint concrete(const endpoint& address) noexcept;

}  // namespace naru::engine::simulated
