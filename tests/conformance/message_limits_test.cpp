// R5.3: max_message_bytes, at the byte, both ways.

#include <string>
#include <vector>

#include "support/brace_codec.hpp"
#include "support/network_test.hpp"

namespace naru::test {
namespace {

class message_limits : public network_test {
 protected:
  static constexpr std::size_t limit = 1000;

  static connection_options limited(const framing& frames) {
    return {.frames = frames, .max_message_bytes = limit};
  }

  /// The largest message passes, one byte more is refused without harm.
  void expect_send_limit(const framing& frames, std::size_t largest) {
    const link pair = open_link({.server = {.frames = frames}, .client = limited(frames)});
    const std::string message = pattern(largest);
    const std::string above = pattern(largest + 1);
    EXPECT_EQ(error_of(pair.client->send(above)), errc::message_too_large);
    EXPECT_EQ(error_of(pair.client->send({as_bytes(message), as_bytes("x")})), errc::message_too_large);
    EXPECT_FALSE(pair.client->is_closed());
    EXPECT_EQ(pair.client->backlog_bytes(), 0U);
    ASSERT_TRUE(pair.client->send(message));
    ASSERT_TRUE(at_server_.received(1));
    EXPECT_EQ(at_server_.at().stream(), message);
  }

  /// The largest message is delivered; these bytes behind it end the connection, and nothing else is.
  void expect_receive_limit(const framing& frames, const std::string& largest, const std::string& above) {
    const link pair = open_link({.server = limited(frames), .client = {.frames = framing::raw()}});
    ASSERT_TRUE(pair.client->send(largest + above));
    ASSERT_TRUE(at_server_.closed());
    EXPECT_THAT(at_server_.at().messages, testing::ElementsAre(pattern(limit)));
    EXPECT_EQ(*at_server_.at().closed, close_cause::message_too_large);
    EXPECT_TRUE(at_client_.closed());
  }
};

INSTANTIATE_TEST_SUITE_P(engines, message_limits, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(message_limits, R5_3_sending_with_a_length_prefix) {
  expect_send_limit(framing::length_prefix(), limit);
}
TEST_P(message_limits, R5_3_sending_lines) {
  expect_send_limit(framing::lines(), limit);
}
TEST_P(message_limits, R5_3_sending_raw) {
  const link pair = open_link({.server = {.frames = framing::raw()}, .client = limited(framing::raw())});
  EXPECT_EQ(error_of(pair.client->send(pattern(limit + 1))), errc::message_too_large);
  EXPECT_TRUE(pair.client->send(pattern(limit)));
  EXPECT_TRUE(at_server_.received_bytes(limit));
}
TEST_P(message_limits, R5_3_sending_with_a_codec) {
  expect_send_limit(framing::custom(std::make_shared<brace_codec>()), limit);
}
TEST_P(message_limits, R5_3_sending_what_one_byte_can_say) {
  expect_send_limit(framing::length_prefix(1), 255);
}

TEST_P(message_limits, R5_3_sending_what_two_bytes_can_say) {
  const framing two = framing::length_prefix(2);
  const link pair = open_link({.server = {.frames = two}, .client = {.frames = two}});
  EXPECT_EQ(error_of(pair.client->send(pattern(65'536))), errc::message_too_large);
  ASSERT_TRUE(pair.client->send(pattern(65'535)));
  ASSERT_TRUE(at_server_.received_bytes(65'535));
}

TEST_P(message_limits, R5_3_receiving_with_a_length_prefix_closes_from_the_header_alone) {
  expect_receive_limit(framing::length_prefix(), framed(pattern(limit)), size_prefix(limit + 1));
}

TEST_P(message_limits, R5_3_receiving_a_line_closes_at_the_first_byte_too_many) {
  expect_receive_limit(framing::lines(), pattern(limit) + "\n", pattern(limit + 2));
}

TEST_P(message_limits, R5_3_receiving_with_a_codec_closes_when_no_message_can_be_that_long) {
  // This codec announces nothing: the library has to allow for the longest head and tail that a codec may
  // have.
  expect_receive_limit(framing::custom(std::make_shared<brace_codec>()), "{" + pattern(limit) + "}",
                       "{" + pattern(limit + 2 * wrapping::part_bytes_max));
}

TEST_P(message_limits, R5_3_a_raw_stream_is_handed_over_in_parts_within_the_limit) {
  const link pair = open_link({.server = limited(framing::raw()), .client = {.frames = framing::raw()}});
  const std::string sent = pattern(10 * limit + 1);
  ASSERT_TRUE(pair.client->send(sent));
  ASSERT_TRUE(at_server_.received_bytes(sent.size()));
  EXPECT_EQ(at_server_.at().stream(), sent);
  for (const std::string& part : at_server_.at().messages) EXPECT_LE(part.size(), limit);
}

TEST_P(message_limits, R5_3_extreme_sizes_close_from_the_header_alone) {
  const endpoint where = listen(limited(framing::length_prefix()));
  std::size_t count = 0;
  for (const std::uint64_t size :
       {0xffffffffULL, 0x80000000ULL, 0x7fffffffULL, 0x01000000ULL, limit + 1ULL}) {
    connect(where, {.connection = {.frames = framing::raw()}}).lock()->send(size_prefix(size)).value();
    ++count;
    ASSERT_TRUE(at_server_.closed(count)) << size;
  }
  for (const record& entry : at_server_.all()) {
    EXPECT_EQ(*entry.closed, close_cause::message_too_large);
    EXPECT_TRUE(entry.messages.empty());
  }
}

TEST_P(message_limits, R5_3_the_log_says_the_size_that_was_read) {
  const link pair =
      open_link({.server = limited(framing::length_prefix()), .client = {.frames = framing::raw()}});
  ASSERT_TRUE(pair.client->send(size_prefix(123'456'789)));
  ASSERT_TRUE(at_server_.closed());
  EXPECT_TRUE(eventually([this] { return log_.has(log_level::warning, "123456789"); }));
}

}  // namespace
}  // namespace naru::test
