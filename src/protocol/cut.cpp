#include "protocol/cut.hpp"

#include <algorithm>
#include <cstring>

namespace naru::protocol {

namespace {

using enum cut::status;

constexpr std::byte carriage_return{'\r'};

/// [any]
cut too_large_message(std::size_t body_bytes) noexcept {
  return {.state = too_large, .body_bytes = body_bytes};
}

/// [any]
cut cut_length_prefix(const frame_rules& rules, bytes_view received) noexcept {
  const std::size_t head_bytes = rules.prefix_bytes;
  if (received.size() < head_bytes) return {.wanted_bytes = head_bytes};

  const std::size_t body_bytes = rules.read_prefix(received.data());
  if (body_bytes > rules.max_body_bytes) return too_large_message(body_bytes);

  const std::size_t frame_bytes = head_bytes + body_bytes;
  if (received.size() < frame_bytes) return {.wanted_bytes = frame_bytes};
  return {.state = whole, .head_bytes = head_bytes, .body_bytes = body_bytes, .frame_bytes = frame_bytes};
}

/// [any]
cut cut_line(const frame_rules& rules, bytes_view received, std::size_t seen_bytes) noexcept {
  const void* const found = seen_bytes == received.size() ? nullptr
                                                          : std::memchr(received.data() + seen_bytes, '\n',
                                                                        received.size() - seen_bytes);
  const std::size_t line_bytes =
      found == nullptr ? received.size()
                       : static_cast<std::size_t>(static_cast<const std::byte*>(found) - received.data());

  // A carriage return at the end belongs to the line end; where the end has not come, it may yet do so.
  const bool returns = line_bytes > 0 && received[line_bytes - 1] == carriage_return;
  const std::size_t body_bytes = returns ? line_bytes - 1 : line_bytes;
  if (body_bytes > rules.max_body_bytes) return too_large_message(body_bytes);
  if (found == nullptr) return {};
  return {.state = whole, .body_bytes = body_bytes, .frame_bytes = line_bytes + 1};
}

/// Asks the user's codec. Its answer is compared with what it was shown before anything relies on it. All
/// parts of a frame together are at most max_body_bytes and what `wrapping` can add, whether it arrives in
/// one run or in many: without such a bound a head that never ends would fill the memory. [any]
cut cut_custom(const frame_rules& rules, bytes_view received, std::size_t seen_bytes) noexcept {
  const frame found = rules.own->parse(received, seen_bytes);
  const std::size_t frame_bytes_max = rules.max_body_bytes + frame_rules::custom_wrap_bytes_max;
  if (found.state != frame::status::incomplete && found.state != frame::status::whole) {
    return {.state = malformed};
  }
  if (found.body_bytes > rules.max_body_bytes) return too_large_message(found.body_bytes);

  if (found.state == frame::status::whole) {
    // By subtraction, since a sum of a codec's answers may overflow.
    std::size_t left = received.size();
    for (const std::size_t part : {found.head_bytes, found.body_bytes, found.tail_bytes}) {
      if (part > left) return {.state = malformed};
      left -= part;
    }
    const std::size_t frame_bytes = received.size() - left;
    if (frame_bytes == 0) return {.state = malformed};
    if (frame_bytes > frame_bytes_max) return too_large_message(found.body_bytes);
    return {.state = whole,
            .head_bytes = found.head_bytes,
            .body_bytes = found.body_bytes,
            .frame_bytes = frame_bytes};
  }

  if (received.size() > frame_bytes_max) return too_large_message(received.size());
  if (found.body_bytes == 0) return {};
  std::size_t left = frame_bytes_max;
  for (const std::size_t part : {found.head_bytes, found.body_bytes, found.tail_bytes}) {
    if (part > left) return too_large_message(found.body_bytes);
    left -= part;
  }
  return {.wanted_bytes = frame_bytes_max - left};
}

}  // namespace

cut cut_first(const frame_rules& rules, bytes_view received, std::size_t seen_bytes) noexcept {
  switch (rules.kind) {
    case framing::kind::length_prefix:
      return cut_length_prefix(rules, received);
    case framing::kind::lines:
      return cut_line(rules, received, seen_bytes);
    case framing::kind::custom:
      return cut_custom(rules, received, seen_bytes);
    case framing::kind::raw:
      break;
  }
  const std::size_t body_bytes = std::min(received.size(), rules.max_body_bytes);
  return {.state = whole, .body_bytes = body_bytes, .frame_bytes = body_bytes};
}

}  // namespace naru::protocol
