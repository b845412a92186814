// R5.2, R4.6: messages arrive whole and in order, whatever way of telling them apart is used.

#include <bit>
#include <span>
#include <string>
#include <vector>

#include "support/brace_codec.hpp"
#include "support/network_test.hpp"

namespace naru::test {
namespace {

class framings : public network_test {
 protected:
  /// Sizes around everything that has a limit inside: prefixes, chunks, the 64 KiB of one submission.
  std::vector<std::size_t> sizes() const {
    std::vector<std::size_t> all{0, 1, 2, 3, 4, 5, 100, 254, 255, 256, 1000, 4095, 4096, 4097};
    for (const std::size_t large :
         {16'383UL, 16'384UL, 65'531UL, 65'532UL, 65'535UL, 65'536UL, 200'000UL, 1'048'576UL}) {
      if (large <= bulk_bytes() / 4) all.push_back(large);
    }
    return all;
  }

  /// Sends such messages and expects the other side to get the same ones.
  void expect_whole_messages(const framing& frames, const std::vector<std::size_t>& message_sizes) {
    const link pair = open_link({.server = {.frames = frames}, .client = {.frames = frames}});
    std::vector<std::string> sent;
    for (const std::size_t size : message_sizes) sent.push_back(pattern(size, sent.size()));
    for (const std::string& message : sent) ASSERT_TRUE(pair.client->send(message));
    ASSERT_TRUE(at_server_.received(sent.size()));
    EXPECT_TRUE(at_server_.at().messages == sent);
  }

  /// Sends messages and expects these bytes on the wire.
  void expect_bytes(const framing& frames, const std::vector<std::string>& messages,
                    const std::string& wire) {
    const link pair = open_link({.server = {.frames = framing::raw()}, .client = {.frames = frames}});
    for (const std::string& message : messages) ASSERT_TRUE(pair.client->send(message));
    ASSERT_TRUE(at_server_.received_bytes(wire.size()));
    EXPECT_EQ(at_server_.at().stream(), wire);
  }

  /// Writes these bytes to the wire and expects such messages.
  void expect_messages(const framing& frames, const std::string& wire,
                       const std::vector<std::string>& messages) {
    const link pair = open_link({.server = {.frames = frames}, .client = {.frames = framing::raw()}});
    ASSERT_TRUE(pair.client->send(wire));
    ASSERT_TRUE(at_server_.received(messages.size()));
    EXPECT_EQ(at_server_.at().messages, messages);
  }
};

INSTANTIATE_TEST_SUITE_P(engines, framings, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(framings, R5_2_four_bytes_big_endian_by_default) {
  using namespace std::string_literals;
  expect_bytes(framing::length_prefix(), {"hello", "", "x"}, "\0\0\0\5hello\0\0\0\0\0\0\0\1x"s);
}

TEST_P(framings, R5_2_four_bytes_little_endian) {
  using namespace std::string_literals;
  expect_bytes(framing::length_prefix(4, std::endian::little), {"hello"}, "\5\0\0\0hello"s);
}

TEST_P(framings, R5_2_two_bytes_big_endian) {
  expect_bytes(framing::length_prefix(2), {pattern(258)}, "\1\2" + pattern(258));
}

TEST_P(framings, R5_2_two_bytes_little_endian) {
  expect_bytes(framing::length_prefix(2, std::endian::little), {pattern(258)}, "\2\1" + pattern(258));
}

TEST_P(framings, R5_2_one_byte) {
  expect_bytes(framing::length_prefix(1), {"hello"}, "\5hello");
}

TEST_P(framings, R5_2_lines_on_the_wire) {
  expect_bytes(framing::lines(), {"one", "", "two"}, "one\n\ntwo\n");
}

TEST_P(framings, R5_2_lines_may_end_in_a_carriage_return_too) {
  expect_messages(framing::lines(), "one\r\n\r\n\ntwo\rtwo\nthree\r\r\n",
                  {"one", "", "", "two\rtwo", "three\r"});
}

TEST_P(framings, R5_2_whole_with_each_length_prefix) {
  expect_whole_messages(framing::length_prefix(), sizes());
}

TEST_P(framings, R5_2_whole_with_a_little_endian_prefix) {
  expect_whole_messages(framing::length_prefix(4, std::endian::little), sizes());
}

TEST_P(framings, R5_2_whole_with_two_bytes) {
  expect_whole_messages(framing::length_prefix(2),
                        {0, 1, 255, 256, 4000, std::min(bulk_bytes(), std::size_t{65'535})});
}

TEST_P(framings, R5_2_whole_with_one_byte) {
  expect_whole_messages(framing::length_prefix(1), {0, 1, 2, 254, 255});
}

TEST_P(framings, R5_2_whole_as_lines) {
  expect_whole_messages(framing::lines(), sizes());
}

TEST_P(framings, R5_2_whole_with_a_framing_of_the_users_own) {
  expect_whole_messages(framing::custom(std::make_shared<brace_codec>()), sizes());
}

TEST_P(framings, R5_2_a_codec_of_the_users_own_says_what_stands_around_a_message) {
  expect_bytes(framing::custom(std::make_shared<brace_codec>()), {"a", "", "bc"}, "{a}{}{bc}");
}

TEST_P(framings, R5_2_a_codec_of_the_users_own_can_refuse_to_send) {
  const framing braces = framing::custom(std::make_shared<brace_codec>());
  const link pair = open_link({.server = {.frames = braces}, .client = {.frames = braces}});
  EXPECT_EQ(error_of(pair.client->send("a}b")), errc::invalid_message);
  EXPECT_FALSE(pair.client->is_closed());
  ASSERT_TRUE(pair.client->send("fine"));
  ASSERT_TRUE(at_server_.received(1));
  EXPECT_EQ(at_server_.at().stream(), "fine");
}

TEST_P(framings, R5_2_a_raw_stream_has_no_messages_but_every_byte_in_order) {
  const link pair = open_link({.server = {.frames = framing::raw()}, .client = {.frames = framing::raw()}});
  std::string sent;
  for (const std::size_t size : sizes()) {
    const std::string part = pattern(size, size);
    ASSERT_TRUE(pair.client->send(part));
    sent += part;
  }
  ASSERT_TRUE(at_server_.received_bytes(sent.size()));
  EXPECT_TRUE(at_server_.at().stream() == sent);
  EXPECT_THAT(at_server_.at().messages, testing::Not(testing::Contains(std::string{})))
      << "nothing is no news";
}

TEST_P(framings, R5_2_a_line_with_a_line_end_inside_is_not_sent) {
  const link pair =
      open_link({.server = {.frames = framing::lines()}, .client = {.frames = framing::lines()}});
  EXPECT_EQ(error_of(pair.client->send("one\ntwo")), errc::invalid_message);
  EXPECT_EQ(error_of(pair.client->send("\n")), errc::invalid_message);
  EXPECT_EQ(error_of(pair.client->send("one\r")), errc::invalid_message);
  EXPECT_EQ(error_of(pair.client->send({as_bytes("one\r"), as_bytes("")})), errc::invalid_message);
  EXPECT_EQ(error_of(pair.client->send({as_bytes("one"), as_bytes("\ntwo")})), errc::invalid_message);
  ASSERT_TRUE(pair.client->send({as_bytes("one\r"), as_bytes("two")}));
  ASSERT_TRUE(at_server_.received(1));
  EXPECT_EQ(at_server_.at().stream(), "one\rtwo");
}

TEST_P(framings, R5_2_messages_that_come_in_single_bytes_are_put_together) {
  const link pair = open_link({.client = {.frames = framing::raw()}});
  const std::string wire = framed("first") + framed("") + framed("second");
  for (const char letter : wire) ASSERT_TRUE(pair.client->send(std::string_view{&letter, 1}));
  ASSERT_TRUE(at_server_.received(3));
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("first", "", "second"));
}

TEST_P(framings, R5_2_many_small_messages_keep_their_order) {
  const std::size_t count = std::min(bulk_bytes() / 16, std::size_t{20'000});
  const link pair = open_link();
  for (std::size_t i = 0; i < count; ++i) ASSERT_TRUE(pair.client->send(std::to_string(i)));
  ASSERT_TRUE(at_server_.received(count));
  const record seen = at_server_.at();
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(seen.messages[i], std::to_string(i));
}

}  // namespace
}  // namespace naru::test
