#pragma once

#include <cstddef>
#include <span>

#include <naru/bytes.hpp>
#include <naru/error.hpp>
#include <naru/framing.hpp>

#include "protocol/frame_rules.hpp"

namespace naru::protocol {

/// What goes before and behind a message that is made of these pieces, `body_bytes` together. For every kind;
/// where `frame_rules::is_prefix_only` holds, a sender may compare `body_bytes` with the limit and write the
/// prefix in place instead.
///
/// Errors: `message_too_large`; `invalid_message` for a line that would not arrive as one, or for a codec
/// that wants more than `wrapping` holds; what else a codec says. [any]
[[nodiscard]] result<wrapping> wrap(const frame_rules& rules, std::span<const bytes_view> pieces,
                                    std::size_t body_bytes) noexcept;

}  // namespace naru::protocol
