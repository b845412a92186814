#include "streams.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include <gmock/gmock.h>

#include "example_codecs.hpp"
#include "protocol/wrap.hpp"

namespace naru::protocol::test {

std::vector<way> every_way() {
  std::vector<way> ways;
  for (const unsigned width : {1U, 2U, 4U}) {
    ways.push_back({"big_endian_" + std::to_string(width), framing::length_prefix(width, std::endian::big)});
    ways.push_back(
        {"little_endian_" + std::to_string(width), framing::length_prefix(width, std::endian::little)});
  }
  ways.push_back({"lines", framing::lines()});
  ways.push_back({"varint", framing::custom(std::make_shared<varint_codec>())});
  ways.push_back({"netstring", framing::custom(std::make_shared<netstring_codec>())});
  ways.push_back({"semicolon", framing::custom(std::make_shared<lookahead_codec>(0))});
  return ways;
}

std::string encode(const frame_rules& rules, std::string_view message) {
  const bytes_view piece = as_bytes(message);
  const auto around = wrap(rules, {&piece, 1}, message.size());
  if (!around) throw std::invalid_argument{around.error().message()};
  std::string stream{as_text(bytes_view{around->head}.first(around->head_bytes))};
  stream += message;
  stream += as_text(bytes_view{around->tail}.first(around->tail_bytes));
  return stream;
}

std::string encode_all(const frame_rules& rules, const messages& all) {
  std::string stream;
  for (const std::string& message : all) stream += encode(rules, message);
  return stream;
}

std::string size_prefix(std::size_t size) {
  std::string prefix;
  for (const int shift : {24, 16, 8, 0}) prefix += static_cast<char>((size >> shift) & 0xff);
  return prefix;
}

void PrintTo(const outcome& value, std::ostream* out) {
  *out << testing::PrintToString(value.delivered) << " verdict " << static_cast<int>(value.state)
       << (value.mid_message ? " mid-message" : "");
}

void receiver::feed(std::string_view piece) {
  if (last_.state != feed_result::verdict::all_taken) return;
  const std::vector<char> exact{piece.begin(), piece.end()};
  last_ = assembler_.feed(rules_, as_bytes({exact.data(), exact.size()}), [this](bytes_view message) {
    delivered_.emplace_back(as_text(message));
    return after_message::go_on;
  });
}

outcome receiver::result() const {
  return {delivered_, last_.state, assembler_.is_mid_message()};
}

outcome receive(const frame_rules& rules, std::string_view stream) {
  return receive_cut(rules, stream, {});
}

outcome receive_cut(const frame_rules& rules, std::string_view stream, const std::vector<std::size_t>& cuts) {
  receiver to{rules};
  std::size_t begin = 0;
  for (const std::size_t cut : cuts) {
    to.feed(stream.substr(begin, cut - begin));
    begin = cut;
  }
  to.feed(stream.substr(begin));
  return to.result();
}

outcome receive_by(const frame_rules& rules, std::string_view stream, std::size_t piece_bytes) {
  receiver to{rules};
  for (std::size_t at = 0; at < stream.size(); at += piece_bytes) to.feed(stream.substr(at, piece_bytes));
  return to.result();
}

}  // namespace naru::protocol::test
