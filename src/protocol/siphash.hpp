#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>

namespace naru::protocol {

/// The key of a hash whose values nobody can foresee without it.
using hash_key = std::array<std::uint64_t, 2>;

/// SipHash-2-4 of whole words (J.-P. Aumasson, D. J. Bernstein: SipHash, a fast short-input PRF, 2012): with
/// a secret key, nobody can choose inputs that collide. [any]
[[nodiscard]] constexpr std::uint64_t siphash(const hash_key& key,
                                              std::span<const std::uint64_t> words) noexcept {
  std::uint64_t v0 = key[0] ^ 0x736f6d6570736575;
  std::uint64_t v1 = key[1] ^ 0x646f72616e646f6d;
  std::uint64_t v2 = key[0] ^ 0x6c7967656e657261;
  std::uint64_t v3 = key[1] ^ 0x7465646279746573;
  const auto round = [&] {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  };
  const auto take = [&](std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  };
  for (const std::uint64_t word : words) take(word);
  take(std::uint64_t{words.size() * 8} << 56);
  v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

}  // namespace naru::protocol
