#include "protocol/frame_rules.hpp"

#include <algorithm>
#include <limits>

#include <naru/error.hpp>

namespace naru::protocol {

namespace {

// A frame is a body of up to 2^32 - 1 bytes and what is around it: sums of these must not overflow.
static_assert(sizeof(std::size_t) >= 8);

/// The largest value of an unsigned integer of this width. [any]
std::size_t largest_of_width(unsigned width_bytes) noexcept {
  if (width_bytes == 1) return std::numeric_limits<std::uint8_t>::max();
  if (width_bytes == 2) return std::numeric_limits<std::uint16_t>::max();
  return std::numeric_limits<std::uint32_t>::max();
}

}  // namespace

frame_rules frame_rules::from(const framing& frames, std::size_t max_message_bytes) noexcept {
  frame_rules rules;
  rules.kind = frames.type();
  // Whatever the framing, no message passes 2^32 - 1 bytes: the options promise that.
  rules.max_body_bytes = std::min(max_message_bytes, largest_of_width(4));
  if (rules.kind == framing::kind::length_prefix) {
    rules.prefix_bytes = static_cast<std::uint8_t>(frames.width_bytes());
    rules.prefix_swapped = frames.order() != std::endian::native;
    rules.max_body_bytes = std::min(rules.max_body_bytes, largest_of_width(frames.width_bytes()));
  }
  if (rules.kind == framing::kind::custom) rules.own = frames.own().get();
  return rules;
}

std::size_t frame_rules::wrap_bytes_max() const noexcept {
  switch (kind) {
    case framing::kind::length_prefix:
      return prefix_bytes;
    case framing::kind::raw:
      return 0;
    case framing::kind::lines:
      return 1;
    case framing::kind::custom:
      break;
  }
  return custom_wrap_bytes_max;
}

std::error_code check(const framing& frames, std::size_t max_message_bytes,
                      std::size_t backlog_bytes_max) noexcept {
  if (frames.type() == framing::kind::length_prefix) {
    const unsigned width = frames.width_bytes();
    if (width != 1 && width != 2 && width != 4) return errc::invalid_prefix_width;
  }
  if (frames.type() == framing::kind::custom && frames.own() == nullptr) return errc::codec_missing;
  if (max_message_bytes == 0 || backlog_bytes_max == 0) return errc::zero_limit;

  const frame_rules rules = frame_rules::from(frames, max_message_bytes);
  const std::size_t wrap_bytes = rules.wrap_bytes_max();
  if (backlog_bytes_max < wrap_bytes || backlog_bytes_max - wrap_bytes < rules.max_body_bytes) {
    return errc::message_above_backlog;
  }
  return {};
}

}  // namespace naru::protocol
