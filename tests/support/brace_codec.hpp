#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include <naru/framing.hpp>

namespace naru::test {

/// A framing as a user would write one: `{message}`, without a `}` inside.
class brace_codec final : public codec {
 public:
  [[nodiscard]] frame parse(bytes_view received, std::size_t seen_bytes) const noexcept override {
    if (received.front() != std::byte{'{'}) return {.state = frame::status::malformed};
    const auto rest = received.subspan(seen_bytes);
    const auto end = std::ranges::find(rest, std::byte{'}'});
    if (end == rest.end()) return {};
    const auto length = seen_bytes + static_cast<std::size_t>(end - rest.begin());
    return {.state = frame::status::whole, .head_bytes = 1, .body_bytes = length - 1, .tail_bytes = 1};
  }

  [[nodiscard]] result<wrapping> wrap(std::span<const bytes_view> pieces) const noexcept override {
    for (const bytes_view piece : pieces) {
      if (std::ranges::find(piece, std::byte{'}'}) != piece.end()) {
        return std::unexpected{make_error_code(errc::invalid_message)};
      }
    }
    wrapping around;
    around.head[0] = std::byte{'{'};
    around.head_bytes = 1;
    around.tail[0] = std::byte{'}'};
    around.tail_bytes = 1;
    return around;
  }
};

}  // namespace naru::test
