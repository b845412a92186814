#include "style.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include <spdlog/fmt/fmt.h>

#include "terminal.hpp"

namespace naru::program {

style style::of(std::FILE* stream) {
  const auto* no_colour = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): nothing changes it
  const bool wanted = no_colour == nullptr || *no_colour == '\0';
  return {.colour = wanted && has_colours(stream), .columns = terminal_columns(stream)};
}

std::string style::painted(std::string_view code, std::string_view text) const {
  return colour && !text.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string{text};
}

std::string style::strong(std::string_view text) const {
  return painted("1", text);
}
std::string style::faint(std::string_view text) const {
  return painted("2", text);
}
std::string style::good(std::string_view text) const {
  return painted("32", text);
}
std::string style::bad(std::string_view text) const {
  return painted("1;31", text);
}

std::string grouped(std::uint64_t number) {
  auto digits = fmt::to_string(number);
  for (auto at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

namespace {

std::string three_digits(double value) {
  if (value < 9.995) return fmt::format("{:.2f}", value);
  if (value < 99.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

}  // namespace

std::string readable(std::chrono::nanoseconds duration) {
  const auto nanoseconds = static_cast<double>(duration.count());
  if (nanoseconds < 999.5) return fmt::format("{:.0f} ns", nanoseconds);
  if (nanoseconds < 999.5e3) return three_digits(nanoseconds / 1e3) + " µs";
  if (nanoseconds < 999.5e6) return three_digits(nanoseconds / 1e6) + " ms";
  return three_digits(nanoseconds / 1e9) + " s";
}

std::string megabytes(double bytes) {
  return three_digits(bytes / 1e6);
}

std::string bar(double fraction, unsigned columns) {
  static constexpr std::array<std::string_view, 8> parts{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto wanted = std::lround(std::clamp(fraction, 0.0, 1.0) * columns * 8);
  const auto eighths = static_cast<std::size_t>(fraction > 0 ? std::max(wanted, 1L) : 0L);
  std::string text;
  for (std::size_t i = 0; i < eighths / 8; ++i) text += "█";
  return text += parts[eighths % 8];
}

std::string fit(std::string_view text, std::size_t columns) {
  const auto begins_character = [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U; };
  std::size_t seen = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (begins_character(text[at]) && seen++ == columns) return std::string{text.substr(0, at)};
  }
  return std::string{text};
}

}  // namespace naru::program
