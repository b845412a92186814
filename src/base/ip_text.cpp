#include "base/ip_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <span>
#include <system_error>

namespace naru::base {
namespace {

constexpr std::size_t group_count = 8;
constexpr std::size_t group_digits_max = 4;

using groups = std::array<std::uint16_t, group_count>;

template <typename Number>
std::optional<Number> parse_whole(std::string_view text, int number_base) noexcept {
  Number value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, number_base);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

/// Cuts off what lies before the first separator, and the separator. Without one it is all of the text.
std::string_view take_until(std::string_view& text, char separator) noexcept {
  const std::size_t at = text.find(separator);
  const std::string_view first = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return first;
}

/// Reads groups with colons between them, of which the last two may be written as an IPv4 address; answers
/// how many.
std::optional<std::size_t> parse_groups(std::string_view text, bool ipv4_at_end, groups& out) noexcept {
  if (text.empty()) return 0;
  std::size_t count = 0;
  for (bool last = false; !last;) {
    last = text.find(':') == std::string_view::npos;
    const std::string_view group = take_until(text, ':');
    if (last && ipv4_at_end && group.find('.') != std::string_view::npos) {
      const auto tail = parse_ipv4(group);
      if (!tail || count + 2 > out.size()) return std::nullopt;
      out[count++] = static_cast<std::uint16_t>((*tail)[0] << 8 | (*tail)[1]);
      out[count++] = static_cast<std::uint16_t>((*tail)[2] << 8 | (*tail)[3]);
      break;
    }
    const auto value = parse_whole<std::uint16_t>(group, 16);
    if (!value || group.size() > group_digits_max || count == out.size()) return std::nullopt;
    out[count++] = *value;
  }
  return count;
}

/// The run of zero groups that `::` stands for: the longest, the first of several, and no single one
/// (RFC 5952, 4.2). Empty when there is none.
std::span<const std::uint16_t> longest_zero_run(std::span<const std::uint16_t> all) noexcept {
  std::span<const std::uint16_t> longest;
  for (std::size_t start = 0; start < all.size();) {
    std::size_t end = start;
    while (end < all.size() && all[end] == 0) ++end;
    if (end - start > longest.size() && end - start > 1) longest = all.subspan(start, end - start);
    start = end + 1;
  }
  return longest;
}

void append_number(std::string& text, unsigned value, int number_base) {
  std::array<char, std::numeric_limits<unsigned>::digits> digits = {};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, number_base).ptr;
  text.append(digits.data(), end);
}

void append_groups(std::string& text, std::span<const std::uint16_t> some) {
  for (std::size_t i = 0; i < some.size(); ++i) {
    if (i != 0) text += ':';
    append_number(text, some[i], 16);
  }
}

}  // namespace

std::optional<std::uint32_t> parse_decimal(std::string_view text, std::uint32_t largest) noexcept {
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  const auto value = parse_whole<std::uint32_t>(text, 10);
  if (!value || *value > largest) return std::nullopt;
  return value;
}

std::optional<ipv4_bytes> parse_ipv4(std::string_view text) noexcept {
  if (std::count(text.begin(), text.end(), '.') != 3) return std::nullopt;
  ipv4_bytes address = {};
  for (std::uint8_t& byte : address) {
    const auto value = parse_decimal(take_until(text, '.'), 255);
    if (!value) return std::nullopt;
    byte = static_cast<std::uint8_t>(*value);
  }
  return address;
}

std::optional<ipv6_bytes> parse_ipv6(std::string_view text) noexcept {
  const std::size_t gap = text.find("::");
  const bool has_gap = gap != std::string_view::npos;
  groups all = {};
  const auto before = parse_groups(text.substr(0, gap), !has_gap, all);
  if (!before) return std::nullopt;
  if (has_gap) {
    groups tail = {};
    const auto after = parse_groups(text.substr(gap + 2), true, tail);
    // The gap stands for at least one group.
    if (!after || *before + *after >= group_count) return std::nullopt;
    std::copy_n(tail.begin(), *after, all.end() - static_cast<std::ptrdiff_t>(*after));
  } else if (*before != group_count) {
    return std::nullopt;
  }
  ipv6_bytes address = {};
  for (std::size_t i = 0; i < group_count; ++i) {
    address[2 * i] = static_cast<std::uint8_t>(all[i] >> 8);
    address[2 * i + 1] = static_cast<std::uint8_t>(all[i] & 0xff);
  }
  return address;
}

std::string format_ipv4(const ipv4_bytes& address) {
  std::string text;
  for (const std::uint8_t byte : address) {
    if (!text.empty()) text += '.';
    append_number(text, byte, 10);
  }
  return text;
}

std::string format_ipv6(const ipv6_bytes& address) {
  groups all = {};
  for (std::size_t i = 0; i < group_count; ++i) {
    all[i] = static_cast<std::uint16_t>(address[2 * i] << 8 | address[2 * i + 1]);
  }
  const std::span<const std::uint16_t> whole{all};
  const auto gap = longest_zero_run(whole);
  std::string text;
  if (gap.empty()) {
    append_groups(text, whole);
    return text;
  }
  const auto before = static_cast<std::size_t>(gap.data() - whole.data());
  append_groups(text, whole.first(before));
  text += "::";
  append_groups(text, whole.subspan(before + gap.size()));
  return text;
}

}  // namespace naru::base
