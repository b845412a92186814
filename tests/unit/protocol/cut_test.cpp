#include "protocol/cut.hpp"

#include <gmock/gmock.h>

#include "example_codecs.hpp"

namespace naru::protocol::test {
namespace {

using enum cut::status;

cut first_of(const framing& frames, std::string_view text, std::size_t seen_bytes = 0) {
  return cut_first(frame_rules::from(frames, 10), as_bytes(text), seen_bytes);
}

TEST(cut, says_how_much_a_length_prefix_still_wants) {
  EXPECT_EQ(first_of(framing::length_prefix(), std::string_view{"\0", 1}).wanted_bytes, 4U);
  EXPECT_EQ(first_of(framing::length_prefix(), std::string_view{"\0\0\0\3", 4}).wanted_bytes, 7U);
  EXPECT_EQ(first_of(framing::length_prefix(1), "\3ab").wanted_bytes, 4U);
}

TEST(cut, finds_head_body_and_frame) {
  const cut prefixed = first_of(framing::length_prefix(2), std::string_view{"\0\3abcdef", 8});
  EXPECT_EQ(prefixed.state, whole);
  EXPECT_EQ(prefixed.head_bytes, 2U);
  EXPECT_EQ(prefixed.body_bytes, 3U);
  EXPECT_EQ(prefixed.frame_bytes, 5U);

  const cut line = first_of(framing::lines(), "abc\r\ndef");
  EXPECT_EQ(line.state, whole);
  EXPECT_EQ(line.body_bytes, 3U);
  EXPECT_EQ(line.frame_bytes, 5U);

  const cut netstring = first_of(framing::custom(std::make_shared<netstring_codec>()), "3:abc,4:");
  EXPECT_EQ(netstring.state, whole);
  EXPECT_EQ(netstring.head_bytes, 2U);
  EXPECT_EQ(netstring.body_bytes, 3U);
  EXPECT_EQ(netstring.frame_bytes, 6U);
}

TEST(cut, says_what_was_announced_of_a_message_that_is_too_large) {
  const cut prefixed =
      first_of(framing::length_prefix(4, std::endian::little), std::string_view{"\0\0\1\0", 4});
  EXPECT_EQ(prefixed.state, too_large);
  EXPECT_EQ(prefixed.body_bytes, 65536U);
  const cut line = first_of(framing::lines(), "0123456789abc");
  EXPECT_EQ(line.state, too_large);
  EXPECT_EQ(line.body_bytes, 13U);
}

TEST(cut, does_not_search_again_where_it_has_searched) {
  EXPECT_EQ(first_of(framing::lines(), "ab\ncd", 3).state, incomplete);
  EXPECT_EQ(first_of(framing::lines(), "ab\ncd", 2).state, whole);
  EXPECT_EQ(first_of(framing::lines(), "abcd", 4).state, incomplete);
}

TEST(cut, a_carriage_return_may_be_the_begin_of_the_line_end) {
  EXPECT_EQ(first_of(framing::lines(), "0123456789\r").state, incomplete);
  EXPECT_EQ(first_of(framing::lines(), "0123456789\r", 10).state, incomplete);
  EXPECT_EQ(first_of(framing::lines(), "0123456789\r\n", 11).body_bytes, 10U);
  EXPECT_EQ(first_of(framing::lines(), "\r\n").body_bytes, 0U);
  EXPECT_EQ(first_of(framing::lines(), "0123456789\r\r").state, too_large);
}

TEST(cut, a_raw_stream_is_cut_only_at_the_limit) {
  EXPECT_EQ(first_of(framing::raw(), "a\nb").frame_bytes, 3U);
  EXPECT_EQ(first_of(framing::raw(), "0123456789abc").frame_bytes, 10U);
}

}  // namespace
}  // namespace naru::protocol::test
