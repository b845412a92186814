#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/assembler.hpp"
#include "protocol/frame_rules.hpp"

/// Streams of messages, and what an assembler makes of them.
namespace naru::protocol::test {

using messages = std::vector<std::string>;

/// One way of framing, for tests that hold for all.
struct way {
  std::string name;
  framing frames;

  [[nodiscard]] frame_rules rules(std::size_t max_message_bytes = 1000) const {
    return frame_rules::from(frames, max_message_bytes);
  }
  friend void PrintTo(const way& value, std::ostream* out) { *out << value.name; }
};

/// Every kind of framing that has messages, with every width and order of prefix and several codecs.
[[nodiscard]] std::vector<way> every_way();

/// The bytes that `send` would write for one message, and for several.
[[nodiscard]] std::string encode(const frame_rules& rules, std::string_view message);
[[nodiscard]] std::string encode_all(const frame_rules& rules, const messages& all);

/// A 4-byte big-endian size.
[[nodiscard]] std::string size_prefix(std::size_t size);

/// What came of a stream.
struct outcome {
  messages delivered = {};
  feed_result::verdict state = feed_result::verdict::all_taken;
  bool mid_message = false;

  friend bool operator==(const outcome&, const outcome&) = default;
  friend void PrintTo(const outcome& value, std::ostream* out);
};

/// Feeds pieces of a stream to one assembler, until a verdict ends it.
class receiver {
 public:
  explicit receiver(const frame_rules& rules) : rules_{rules} {}

  /// Each piece is copied into memory of its exact size, so that a sanitizer sees every step beyond.
  void feed(std::string_view piece);
  [[nodiscard]] outcome result() const;
  [[nodiscard]] feed_result last() const { return last_; }
  [[nodiscard]] assembler& state() { return assembler_; }

 private:
  frame_rules rules_;
  assembler assembler_;
  messages delivered_ = {};
  feed_result last_ = {};
};

/// The whole stream in one piece.
[[nodiscard]] outcome receive(const frame_rules& rules, std::string_view stream);
/// The stream cut at these places, which ascend.
[[nodiscard]] outcome receive_cut(const frame_rules& rules, std::string_view stream,
                                  const std::vector<std::size_t>& cuts);
/// In pieces of this size.
[[nodiscard]] outcome receive_by(const frame_rules& rules, std::string_view stream, std::size_t piece_bytes);

}  // namespace naru::protocol::test
