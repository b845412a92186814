#include "protocol/peer_hash.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace naru::protocol {

std::uint64_t peer_hash(const hash_key& key, const endpoint& peer) noexcept {
  std::array<std::uint64_t, 3> words = {};
  std::memcpy(words.data(), peer.address().data(), peer.address().size());
  words[2] = std::uint64_t{peer.scope_id()} << 32 | std::uint64_t{peer.port()} << 8 |
             static_cast<std::uint64_t>(peer.family());
  if (peer.family() == address_family::ipv4) {
    words[1] = words[2];  // the rest of the address is empty: one word less to go through
    return siphash(key, std::span{words}.first(2));
  }
  return siphash(key, words);
}

endpoint address_of(const endpoint& peer) noexcept {
  if (peer.family() != address_family::ipv6) return peer.with_port(0);
  endpoint::ipv6_bytes network = {};
  std::copy_n(peer.address().begin(), 8, network.begin());
  return {network, 0, peer.scope_id()};
}

}  // namespace naru::protocol
