#include "protocol/siphash.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

namespace naru::protocol {
namespace {

/// The key of the reference vectors: the bytes 0 to 15.
constexpr hash_key reference_key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

/// The input of the reference vectors: the bytes 0, 1, 2 and so on, as little-endian words.
std::vector<std::uint64_t> reference_words(std::size_t count) {
  std::vector<std::uint64_t> words;
  for (std::uint64_t i = 0; i < count; ++i) words.push_back(0x0706050403020100 + i * 0x0808080808080808);
  return words;
}

/// The vectors write the hash as eight bytes, the lowest first.
constexpr std::uint64_t from_bytes(std::uint64_t as_written) {
  return std::byteswap(as_written);
}

TEST(siphash, gives_the_vectors_of_the_reference_implementation) {
  EXPECT_EQ(siphash(reference_key, reference_words(0)), from_bytes(0x310E0EDD47DB6F72));
  EXPECT_EQ(siphash(reference_key, reference_words(1)), from_bytes(0x6224939A79F5F593));
  EXPECT_EQ(siphash(reference_key, reference_words(2)), from_bytes(0xDB9BC2577FCC2A3F));
  EXPECT_EQ(siphash(reference_key, reference_words(3)), from_bytes(0x94AF49F6C650ADB8));
}

TEST(siphash, depends_on_every_bit_of_the_key_and_of_the_words) {
  const std::vector<std::uint64_t> words = reference_words(2);
  const std::uint64_t first = siphash(reference_key, words);
  for (std::size_t bit = 0; bit < 128; ++bit) {
    hash_key other_key = reference_key;
    other_key[bit / 64] ^= std::uint64_t{1} << (bit % 64);
    EXPECT_NE(siphash(other_key, words), first) << "bit " << bit << " of the key";
    std::vector<std::uint64_t> other_words = words;
    other_words[bit / 64] ^= std::uint64_t{1} << (bit % 64);
    EXPECT_NE(siphash(reference_key, other_words), first) << "bit " << bit << " of the words";
  }
}

TEST(siphash, tells_lengths_apart) {
  const std::vector<std::uint64_t> zeros(3);
  EXPECT_NE(siphash({}, std::span{zeros}.first(1)), siphash({}, std::span{zeros}.first(2)));
  EXPECT_NE(siphash({}, std::span{zeros}.first(2)), siphash({}, zeros));
}

static_assert(siphash(reference_key, {}) == from_bytes(0x310E0EDD47DB6F72), "at compile time too");

}  // namespace
}  // namespace naru::protocol
