#pragma once

#include <cstdint>

#include <naru/endpoint.hpp>

#include "protocol/siphash.hpp"

namespace naru::protocol {

/// Where an endpoint stands in tables that strangers fill. [any]
[[nodiscard]] std::uint64_t peer_hash(const hash_key& key, const endpoint& peer) noexcept;

/// The part of an address that one host, or one customer of a network, has for itself: the IPv4 address, the
/// IPv6 network of 64 bits (RFC 6177). Without a port. [any]
[[nodiscard]] endpoint address_of(const endpoint& peer) noexcept;

}  // namespace naru::protocol
