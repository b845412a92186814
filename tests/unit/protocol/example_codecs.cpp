#include "example_codecs.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace naru::protocol::test {

namespace {

using enum frame::status;

constexpr std::byte semicolon{';'};

std::size_t total_bytes(std::span<const bytes_view> pieces) noexcept {
  std::size_t total = 0;
  for (const bytes_view piece : pieces) total += piece.size();
  return total;
}

/// With everything announced and `head`, `body`, `tail` known.
frame announced(std::size_t received, std::size_t head, std::size_t body, std::size_t tail) noexcept {
  return {.state = received < head + body + tail ? incomplete : whole,
          .head_bytes = head,
          .body_bytes = body,
          .tail_bytes = tail};
}

}  // namespace

frame varint_codec::parse(bytes_view received, std::size_t) const noexcept {
  std::size_t body = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(received.size(), 5); ++i) {
    const auto value = std::to_integer<std::size_t>(received[i]);
    body |= (value & 0x7f) << (7 * i);
    if (value < 0x80) return announced(received.size(), i + 1, body, 0);
  }
  return {.state = received.size() < 5 ? incomplete : malformed};
}

result<wrapping> varint_codec::wrap(std::span<const bytes_view> pieces) const noexcept {
  wrapping around;
  for (std::size_t rest = total_bytes(pieces);; rest >>= 7) {
    const bool last = rest < 0x80;
    around.head[around.head_bytes++] = static_cast<std::byte>((rest & 0x7f) | (last ? 0 : 0x80));
    if (last) return around;
  }
}

frame netstring_codec::parse(bytes_view received, std::size_t) const noexcept {
  const std::string_view text = as_text(received);
  const std::size_t colon = text.substr(0, 11).find(':');
  if (colon == std::string_view::npos) return {.state = text.size() < 11 ? incomplete : malformed};

  std::uint32_t body = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + colon, body);
  if (error != std::errc{} || end != text.data() + colon) return {.state = malformed};

  const frame found = announced(received.size(), colon + 1, body, 1);
  if (found.state == whole && text[found.head_bytes + found.body_bytes] != ',') return {.state = malformed};
  return found;
}

result<wrapping> netstring_codec::wrap(std::span<const bytes_view> pieces) const noexcept {
  wrapping around;
  char* const begin = reinterpret_cast<char*>(around.head.data());
  char* const end = std::to_chars(begin, begin + around.head.size() - 1, total_bytes(pieces)).ptr;
  *end = ':';
  around.head_bytes = static_cast<std::size_t>(end + 1 - begin);
  around.tail[0] = std::byte{','};
  around.tail_bytes = 1;
  return around;
}

frame lookahead_codec::parse(bytes_view received, std::size_t seen_bytes) const noexcept {
  const std::size_t from = seen_bytes - std::min(seen_bytes, ahead_bytes_);
  const auto unseen = received.subspan(from);
  const auto found = std::ranges::find(unseen, semicolon);
  const std::size_t body = from + static_cast<std::size_t>(found - unseen.begin());
  looked_bytes_ += body - from;
  if (received.size() <= body + ahead_bytes_) return {};
  return {.state = whole, .body_bytes = body, .tail_bytes = 1};
}

result<wrapping> lookahead_codec::wrap(std::span<const bytes_view> pieces) const noexcept {
  for (const bytes_view piece : pieces) {
    if (std::ranges::find(piece, semicolon) != piece.end()) {
      return std::unexpected{make_error_code(errc::invalid_message)};
    }
  }
  wrapping around;
  around.tail[0] = semicolon;
  around.tail_bytes = 1;
  return around;
}

}  // namespace naru::protocol::test
