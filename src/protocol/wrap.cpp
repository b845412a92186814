#include "protocol/wrap.hpp"

#include <algorithm>
#include <cstring>
#include <ranges>

namespace naru::protocol {

namespace {

constexpr std::byte line_feed{'\n'};
constexpr std::byte carriage_return{'\r'};

/// Whether the other side's line reader gives back exactly this message. [any]
bool is_one_line(std::span<const bytes_view> pieces) noexcept {
  const auto has_line_feed = [](bytes_view piece) {
    return !piece.empty() && std::memchr(piece.data(), '\n', piece.size()) != nullptr;
  };
  if (std::ranges::any_of(pieces, has_line_feed)) return false;

  // A carriage return at the very end would be taken for a part of the line end. Empty pieces end nothing.
  const auto last_first = pieces | std::views::reverse;
  const auto last = std::ranges::find_if(last_first, [](bytes_view piece) { return !piece.empty(); });
  return last == last_first.end() || last->back() != carriage_return;
}

/// Asks the user's codec, and believes it only so far as its answer is one. [any]
result<wrapping> wrap_custom(const codec& own, std::span<const bytes_view> pieces) noexcept {
  result<wrapping> around = own.wrap(pieces);
  if (around &&
      (around->head_bytes > wrapping::part_bytes_max || around->tail_bytes > wrapping::part_bytes_max)) {
    return std::unexpected{make_error_code(errc::invalid_message)};
  }
  return around;
}

}  // namespace

result<wrapping> wrap(const frame_rules& rules, std::span<const bytes_view> pieces,
                      std::size_t body_bytes) noexcept {
  if (body_bytes > rules.max_body_bytes) return std::unexpected{make_error_code(errc::message_too_large)};

  wrapping around;
  switch (rules.kind) {
    case framing::kind::raw:
      break;
    case framing::kind::length_prefix:
      around.head_bytes = rules.prefix_bytes;
      rules.write_prefix(body_bytes, around.head.data());
      break;
    case framing::kind::lines:
      if (!is_one_line(pieces)) return std::unexpected{make_error_code(errc::invalid_message)};
      around.tail[0] = line_feed;
      around.tail_bytes = 1;
      break;
    case framing::kind::custom:
      return wrap_custom(*rules.own, pieces);
  }
  return around;
}

}  // namespace naru::protocol
