#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <naru/framing.hpp>

namespace naru::test {

/// Text in which each place differs from its neighbours, and each seed from the others: a byte lost, doubled
/// or moved shows. No line ends and no braces, so that every
/// framing takes it.
[[nodiscard]] inline std::string pattern(std::size_t bytes, std::uint64_t seed = 0) {
  std::string text(bytes, '\0');
  std::uint64_t state = seed * 0x9e3779b97f4a7c15U + 0x2545f4914f6cdd1dU;
  for (char& letter : text) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    letter = static_cast<char>('!' + state % 90);
  }
  return text;
}

/// A big-endian size of so many bytes, as a raw peer writes it.
[[nodiscard]] inline std::string size_prefix(std::uint64_t size, unsigned width_bytes = 4) {
  std::string prefix;
  for (unsigned place = width_bytes; place-- > 0;) prefix += static_cast<char>(size >> (8U * place) & 0xffU);
  return prefix;
}

/// A message with the default framing around it.
[[nodiscard]] inline std::string framed(std::string_view body) {
  return size_prefix(body.size()) + std::string{body};
}

}  // namespace naru::test
