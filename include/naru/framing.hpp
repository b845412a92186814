#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include <naru/bytes.hpp>
#include <naru/error.hpp>
#include <naru/export.hpp>

namespace naru {

/// What a codec found at the start of the bytes it was shown.
struct frame {
  enum class status : std::uint8_t {
    incomplete,  ///< the message is not whole yet
    whole,       ///< a message: `head_bytes`, then `body_bytes`, then `tail_bytes`
    malformed,   ///< no message can begin like this: the connection closes with cause `protocol`
  };
  status state = status::incomplete;
  std::size_t head_bytes = 0;
  /// The length of the message itself; in an incomplete frame what has been announced so far, or 0. Above
  /// max_message_bytes it closes the connection with cause `message_too_large`.
  std::size_t body_bytes = 0;
  std::size_t tail_bytes = 0;
};

/// What a codec puts around a message.
struct wrapping {
  static constexpr std::size_t part_bytes_max = 16;
  std::array<std::byte, part_bytes_max> head = {};
  std::array<std::byte, part_bytes_max> tail = {};
  std::size_t head_bytes = 0;
  std::size_t tail_bytes = 0;
};

/// A user's own way of telling messages apart in a stream.
///
/// Thread safety: one codec serves every connection of a listener, on all workers at the same time; it keeps
/// no state of its own. Ownership: shared with the connections that use it.
class NARU_API codec {
 public:
  codec() = default;
  codec(const codec&) = delete;
  codec& operator=(const codec&) = delete;
  virtual ~codec();

  /// Looks at the start of one message. `received` is all that has come of it and after it, at least one
  /// byte; the first `seen_bytes` of it were shown in an earlier call that answered `incomplete`, so a search
  /// for an end need not look at them again. An `incomplete` answer that announces a body is not asked again
  /// before head, body and tail have come. A message must take at least one byte from the stream.
  [[nodiscard]] virtual frame parse(bytes_view received, std::size_t seen_bytes) const noexcept = 0;

  /// Says what to put around a message that is made of these pieces.
  ///
  /// Errors: whatever `send` shall answer; `invalid_message` where the message cannot be framed.
  [[nodiscard]] virtual result<wrapping> wrap(std::span<const bytes_view> pieces) const noexcept = 0;
};

/// How a TCP stream is cut into messages. A small value; docs/wire_format.md has the bytes.
class NARU_API framing {
 public:
  enum class kind : std::uint8_t { length_prefix, raw, lines, custom };

  /// A size of 1, 2 or 4 bytes that does not count itself, then that many bytes. The default, 4 bytes
  /// big-endian, is Erlang's `{packet,4}` and Twisted's `Int32StringReceiver`.
  [[nodiscard]] static framing length_prefix(unsigned width_bytes = 4,
                                             std::endian order = std::endian::big) noexcept {
    framing result{kind::length_prefix};
    result.width_bytes_ = width_bytes;
    result.order_ = order;
    return result;
  }
  /// No messages: what arrives is handed over as it comes, `send` writes what it is given.
  [[nodiscard]] static framing raw() noexcept { return framing{kind::raw}; }
  /// A message ends at a line feed; a carriage return before it belongs to the line end. `send` writes the
  /// line feed, and refuses a message with one inside or with a carriage return at its end.
  [[nodiscard]] static framing lines() noexcept { return framing{kind::lines}; }
  /// The user's own.
  [[nodiscard]] static framing custom(std::shared_ptr<const codec> own) noexcept {
    framing result{kind::custom};
    result.codec_ = std::move(own);
    return result;
  }

  framing(const framing&) noexcept;
  framing(framing&&) noexcept;
  framing& operator=(const framing&) noexcept;
  framing& operator=(framing&&) noexcept;
  ~framing();

  [[nodiscard]] kind type() const noexcept { return kind_; }
  [[nodiscard]] unsigned width_bytes() const noexcept { return width_bytes_; }
  [[nodiscard]] std::endian order() const noexcept { return order_; }
  [[nodiscard]] const std::shared_ptr<const codec>& own() const noexcept { return codec_; }

 private:
  explicit framing(kind type) noexcept : kind_{type} {}

  kind kind_;
  unsigned width_bytes_ = 4;
  std::endian order_ = std::endian::big;
  std::shared_ptr<const codec> codec_ = nullptr;
};

}  // namespace naru
