#include "protocol/wrap.hpp"

#include <array>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "example_codecs.hpp"
#include "streams.hpp"

namespace naru::protocol::test {
namespace {

std::error_code error_of(const framing& frames, const std::vector<std::string_view>& pieces) {
  std::vector<bytes_view> views;
  std::size_t body_bytes = 0;
  for (const std::string_view piece : pieces) {
    views.push_back(as_bytes(piece));
    body_bytes += piece.size();
  }
  const auto around = wrap(frame_rules::from(frames, 10), views, body_bytes);
  return around ? std::error_code{} : around.error();
}

std::string encoded(const framing& frames, std::string_view message) {
  return encode(frame_rules::from(frames, 0xffffffff), message);
}

TEST(wrap, R5_2_writes_a_size_that_does_not_count_itself) {
  EXPECT_EQ(encoded(framing::length_prefix(), "hello"), std::string("\0\0\0\5hello", 9));
  EXPECT_EQ(encoded(framing::length_prefix(), ""), std::string(4, '\0'));
}

TEST(wrap, every_width_and_order_as_docs_wire_format_says) {
  const std::string body(258, 'x');
  EXPECT_EQ(encoded(framing::length_prefix(4, std::endian::big), body), std::string("\0\0\1\2", 4) + body);
  EXPECT_EQ(encoded(framing::length_prefix(4, std::endian::little), body), std::string("\2\1\0\0", 4) + body);
  EXPECT_EQ(encoded(framing::length_prefix(2, std::endian::big), body), "\1\2" + body);
  EXPECT_EQ(encoded(framing::length_prefix(2, std::endian::little), body), "\2\1" + body);
  EXPECT_EQ(encoded(framing::length_prefix(1), "hello"), "\5hello");
}

TEST(wrap, raw_adds_nothing_and_a_line_its_end) {
  EXPECT_EQ(encoded(framing::raw(), "hello\n"), "hello\n");
  EXPECT_EQ(encoded(framing::lines(), "hello"), "hello\n");
  EXPECT_EQ(encoded(framing::lines(), "he\rllo"), "he\rllo\n");
  EXPECT_EQ(encoded(framing::lines(), ""), "\n");
}

TEST(wrap, R5_3_refuses_what_the_other_side_would_refuse) {
  for (const framing& frames : {framing::length_prefix(), framing::raw(), framing::lines(),
                                framing::custom(std::make_shared<varint_codec>())}) {
    EXPECT_FALSE(error_of(frames, {"01234", "56789"}));
    EXPECT_EQ(error_of(frames, {"01234", "56789", "a"}), errc::message_too_large);
  }
  const frame_rules narrow = frame_rules::from(framing::length_prefix(1), 1U << 20);
  EXPECT_EQ(wrap(narrow, {}, 256).error(), errc::message_too_large);
}

TEST(wrap, refuses_lines_that_would_not_arrive_as_one) {
  const framing lines = framing::lines();
  EXPECT_EQ(error_of(lines, {"a\nb"}), errc::invalid_message);
  EXPECT_EQ(error_of(lines, {"a", "\n", "b"}), errc::invalid_message);
  EXPECT_EQ(error_of(lines, {"a", "b\n"}), errc::invalid_message);
  EXPECT_EQ(error_of(lines, {"a\r"}), errc::invalid_message);
  EXPECT_EQ(error_of(lines, {"a", "\r", ""}), errc::invalid_message);
  EXPECT_FALSE(error_of(lines, {"a\r", "b"}));
  EXPECT_FALSE(error_of(lines, {"", ""}));
  EXPECT_FALSE(error_of(lines, {}));
}

TEST(wrap, passes_on_what_a_codec_says) {
  const framing frames = framing::custom(std::make_shared<lookahead_codec>(0));
  EXPECT_EQ(error_of(frames, {"a;b"}), errc::invalid_message);
  EXPECT_FALSE(error_of(frames, {"ab"}));
}

TEST(wrap, believes_no_codec_that_wants_more_than_there_is) {
  const auto wanting = [](std::size_t head_bytes, std::size_t tail_bytes) {
    const wrapping around{.head_bytes = head_bytes, .tail_bytes = tail_bytes};
    return framing::custom(std::make_shared<scripted_codec>(nullptr, around));
  };
  EXPECT_FALSE(error_of(wanting(16, 16), {"a"}));
  EXPECT_EQ(error_of(wanting(17, 0), {"a"}), errc::invalid_message);
  EXPECT_EQ(error_of(wanting(0, 17), {"a"}), errc::invalid_message);
}

}  // namespace
}  // namespace naru::protocol::test
