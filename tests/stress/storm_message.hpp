#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include <naru/bytes.hpp>

namespace naru::test {

/// What every message of a storm begins with. It goes to the same program: its byte order does not matter.
struct storm_message {
  std::uint64_t sender = 0;    ///< the connection that it was sent on
  std::uint64_t lane = 0;      ///< the thread that sent it
  std::uint64_t sequence = 0;  ///< its number among those of this thread on this connection
};

/// The message, with so many bytes behind it that follow from it.
[[nodiscard]] inline std::string encode(const storm_message& message, std::size_t filler_bytes) {
  std::string text(sizeof message, '\0');
  std::memcpy(text.data(), &message, sizeof message);
  text.append(filler_bytes, static_cast<char>(message.sequence + message.lane));
  return text;
}

/// What a received message says; empty when it cannot have been sent like this.
[[nodiscard]] inline std::optional<storm_message> decode(bytes_view bytes) {
  storm_message message;
  if (bytes.size() < sizeof message) return std::nullopt;
  std::memcpy(&message, bytes.data(), sizeof message);
  const auto filler = static_cast<std::byte>(message.sequence + message.lane);
  const bytes_view rest = bytes.subspan(sizeof message);
  if (std::ranges::count(rest, filler) != static_cast<std::ptrdiff_t>(rest.size())) return std::nullopt;
  return message;
}

}  // namespace naru::test
