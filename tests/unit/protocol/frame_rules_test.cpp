#include "protocol/frame_rules.hpp"

#include <array>
#include <limits>

#include <gmock/gmock.h>

#include "example_codecs.hpp"

namespace naru::protocol::test {
namespace {

constexpr std::size_t backlog = std::size_t{8} << 20;

framing own_framing() {
  return framing::custom(std::make_shared<varint_codec>());
}

TEST(check_framing, finds_nothing_wrong_with_what_can_be_served) {
  for (const unsigned width : {1U, 2U, 4U}) EXPECT_FALSE(check(framing::length_prefix(width), 1, backlog));
  for (const framing& frames : {framing::raw(), framing::lines(), own_framing()}) {
    EXPECT_FALSE(check(frames, std::size_t{1} << 20, backlog));
  }
}

TEST(check_framing, names_a_width_that_no_prefix_has) {
  for (const unsigned width : {0U, 3U, 5U, 8U, 256U, 260U}) {
    EXPECT_EQ(check(framing::length_prefix(width), 1, backlog), errc::invalid_prefix_width) << width;
  }
}

TEST(check_framing, names_a_missing_codec_and_a_zero) {
  EXPECT_EQ(check(framing::custom(nullptr), 1, backlog), errc::codec_missing);
  EXPECT_EQ(check(framing::raw(), 0, backlog), errc::zero_limit);
  EXPECT_EQ(check(framing::raw(), 1, 0), errc::zero_limit);
}

TEST(check_framing, R5_3_refuses_a_message_that_the_backlog_cannot_hold) {
  const auto refuses = [](const framing& frames, std::size_t message, std::size_t most) {
    return check(frames, message, most) == errc::message_above_backlog;
  };
  EXPECT_TRUE(refuses(framing::length_prefix(), 100, 103));
  EXPECT_FALSE(refuses(framing::length_prefix(), 100, 104));
  EXPECT_TRUE(refuses(framing::raw(), 100, 99));
  EXPECT_FALSE(refuses(framing::raw(), 100, 100));
  EXPECT_TRUE(refuses(framing::lines(), 100, 100));
  EXPECT_FALSE(refuses(framing::lines(), 100, 101));
  EXPECT_TRUE(refuses(own_framing(), 100, 131));
  EXPECT_FALSE(refuses(own_framing(), 100, 132));
  EXPECT_TRUE(refuses(framing::length_prefix(), 1, 3));
  EXPECT_TRUE(refuses(framing::raw(), std::numeric_limits<std::size_t>::max(), backlog));
}

TEST(check_framing, what_a_narrow_prefix_can_say_is_the_limit_that_counts) {
  EXPECT_FALSE(check(framing::length_prefix(1), std::size_t{1} << 20, 256));
  EXPECT_EQ(check(framing::length_prefix(1), std::size_t{1} << 20, 255), errc::message_above_backlog);
  EXPECT_FALSE(check(framing::length_prefix(2), std::size_t{1} << 20, 65537));
}

TEST(frame_rules, the_limit_is_the_smaller_of_the_option_and_the_prefix) {
  constexpr std::size_t mega = std::size_t{1} << 20;
  EXPECT_EQ(frame_rules::from(framing::length_prefix(1), mega).max_body_bytes, 255U);
  EXPECT_EQ(frame_rules::from(framing::length_prefix(1), 254).max_body_bytes, 254U);
  EXPECT_EQ(frame_rules::from(framing::length_prefix(2), mega).max_body_bytes, 65535U);
  EXPECT_EQ(frame_rules::from(framing::length_prefix(4), mega).max_body_bytes, mega);
  for (const framing& frames : {framing::length_prefix(), framing::raw(), framing::lines(), own_framing()}) {
    EXPECT_EQ(frame_rules::from(frames, mega << 20).max_body_bytes, 0xffffffffU);
  }
}

TEST(frame_rules, a_prefix_reads_back_as_it_was_written) {
  for (const unsigned width : {1U, 2U, 4U}) {
    for (const std::endian order : {std::endian::big, std::endian::little}) {
      const frame_rules rules = frame_rules::from(framing::length_prefix(width, order), 0xffffffff);
      for (const std::size_t size :
           {0U, 1U, 127U, 128U, 255U, 256U, 0x1234U, 65535U, 0x12345678U, 0xffffffffU}) {
        if (size > rules.max_body_bytes) continue;
        std::array<std::byte, 5> bytes = {};
        bytes.fill(std::byte{0x5a});
        rules.write_prefix(size, bytes.data());
        EXPECT_EQ(rules.read_prefix(bytes.data()), size);
        EXPECT_EQ(bytes[width], std::byte{0x5a}) << "written beyond the prefix";
      }
    }
  }
}

TEST(frame_rules, a_raw_stream_has_no_prefix) {
  const frame_rules rules = frame_rules::from(framing::raw(), 10);
  std::array<std::byte, 4> untouched = {};
  rules.write_prefix(10, untouched.data());
  EXPECT_EQ(untouched, (std::array<std::byte, 4>{}));
  EXPECT_EQ(rules.prefix_bytes, 0U);
  EXPECT_TRUE(rules.is_prefix_only());
  EXPECT_FALSE(frame_rules::from(framing::lines(), 10).is_prefix_only());
}

}  // namespace
}  // namespace naru::protocol::test
