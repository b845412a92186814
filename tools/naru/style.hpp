#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace naru::program {

/// How text for a stream may look.
struct style {
  bool colour = false;
  unsigned columns = 80;

  /// Colour only on a terminal that has it, and not where NO_COLOR is set (no-color.org).
  [[nodiscard]] static style of(std::FILE* stream);

  [[nodiscard]] std::string strong(std::string_view text) const;
  [[nodiscard]] std::string faint(std::string_view text) const;
  [[nodiscard]] std::string good(std::string_view text) const;
  [[nodiscard]] std::string bad(std::string_view text) const;

 private:
  [[nodiscard]] std::string painted(std::string_view code, std::string_view text) const;
};

/// `1,234,567`.
[[nodiscard]] std::string grouped(std::uint64_t number);
/// Three digits and a unit: `231 µs`, `1.20 ms`, `15.0 s`.
[[nodiscard]] std::string readable(std::chrono::nanoseconds duration);
/// `26.4` for 26.4 million bytes.
[[nodiscard]] std::string megabytes(double bytes);
/// A bar of `fraction` times `columns` columns, in eighths of one; something is shown of everything above 0.
[[nodiscard]] std::string bar(double fraction, unsigned columns);
/// The first `columns` characters of UTF-8 text that has no colours.
[[nodiscard]] std::string fit(std::string_view text, std::size_t columns);

}  // namespace naru::program
