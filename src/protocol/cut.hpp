#pragma once

#include <cstddef>
#include <cstdint>

#include <naru/bytes.hpp>

#include "protocol/frame_rules.hpp"

namespace naru::protocol {

/// Where the first message of a run of bytes begins and ends.
struct cut {
  enum class status : std::uint8_t { incomplete, whole, too_large, malformed };

  status state = status::incomplete;
  /// The message: `head_bytes` before it, and `frame_bytes` in all.
  std::size_t head_bytes = 0;
  std::size_t body_bytes = 0;
  std::size_t frame_bytes = 0;
  /// Of an incomplete one: looking again is of no use before so many bytes are there. Not more than there are
  /// already when that is not known, as with a codec that announces less than there will be.
  std::size_t wanted_bytes = 0;
};

/// Looks for the first message in `received`, which is not empty. The first `seen_bytes` of it were looked at
/// before and did not hold a whole one. Of a message that is too large `body_bytes` says what was announced,
/// or, where nothing is announced, what has come of it. [any]
[[nodiscard]] cut cut_first(const frame_rules& rules, bytes_view received, std::size_t seen_bytes) noexcept;

}  // namespace naru::protocol
