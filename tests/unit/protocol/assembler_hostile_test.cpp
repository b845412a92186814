#include <array>
#include <limits>

#include <gmock/gmock.h>

#include "example_codecs.hpp"
#include "streams.hpp"

// R5.3, R5.4: what a hostile peer, or a user's wrong codec, can say ends the stream and harms nothing.
namespace naru::protocol::test {
namespace {

using verdict = feed_result::verdict;
using enum frame::status;

constexpr std::size_t largest_prefix = std::numeric_limits<std::uint32_t>::max();

TEST(hostile_prefix, R5_3_too_large_is_seen_in_the_header_alone) {
  const frame_rules rules = frame_rules::from(framing::length_prefix(), 1000);
  for (const std::size_t announced : {std::size_t{1001}, std::size_t{1} << 31, largest_prefix}) {
    for (const std::size_t piece : {1U, 3U, 4U}) {
      assembler state;
      const std::string header = size_prefix(announced);
      feed_result last;
      for (std::size_t at = 0; at < header.size(); at += piece) {
        const auto nothing = [](bytes_view) { return after_message::go_on; };
        last = state.feed(rules, as_bytes(std::string_view{header}.substr(at, piece)), nothing);
      }
      EXPECT_EQ(last.state, verdict::too_large);
      EXPECT_EQ(last.announced_bytes, announced);
      EXPECT_EQ(state.capacity_bytes(), 0U);
    }
  }
}

TEST(hostile_prefix, R5_3_lengths_up_to_the_limit_are_delivered) {
  for (const std::size_t limit : {std::size_t{1}, std::size_t{1000}, std::size_t{1} << 20}) {
    const frame_rules rules = frame_rules::from(framing::length_prefix(), limit);
    for (const std::size_t length : {std::size_t{0}, std::size_t{1}, limit - 1, limit}) {
      const std::string body(length, 'x');
      EXPECT_EQ(receive(rules, size_prefix(length) + body), outcome{{body}});
      EXPECT_EQ(receive_by(rules, size_prefix(length) + body, 4096), outcome{{body}});
    }
    EXPECT_EQ(receive(rules, size_prefix(limit + 1)), (outcome{{}, verdict::too_large}));
  }
}

TEST(hostile_prefix, R5_3_the_largest_limit_takes_every_length) {
  const frame_rules rules = frame_rules::from(framing::length_prefix(), largest_prefix);
  for (const std::size_t announced : {std::size_t{1} << 31, largest_prefix}) {
    EXPECT_EQ(receive(rules, size_prefix(announced) + "abc"), (outcome{{}, verdict::all_taken, true}));
  }
}

TEST(hostile_prefix, a_narrow_prefix_has_limits_too) {
  const frame_rules rules = frame_rules::from(framing::length_prefix(2, std::endian::little), 256);
  EXPECT_EQ(receive(rules, std::string{'\x01', '\x01'}), (outcome{{}, verdict::too_large}));
  EXPECT_EQ(receive(rules, std::string{'\x00', '\x01'}), (outcome{{}, verdict::all_taken, true}));
}

TEST(hostile_prefix, messages_before_the_bad_one_are_delivered_and_none_after) {
  const frame_rules rules = frame_rules::from(framing::length_prefix(), 10);
  const std::string good = size_prefix(2) + "ok";
  const std::string stream = good + good + size_prefix(11) + good + good;
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    receiver to{rules};
    for (std::size_t at = 0; at < stream.size(); at += piece)
      to.feed(std::string_view{stream}.substr(at, piece));
    EXPECT_EQ(to.result(), (outcome{{"ok", "ok"}, verdict::too_large}));
    bool delivered = false;
    const auto take = [&](bytes_view) { return delivered = true, after_message::go_on; };
    EXPECT_EQ(to.state().feed(rules, as_bytes(good), take).state, verdict::stopped);
    EXPECT_FALSE(delivered);
  }
}

TEST(hostile_line, R5_3_exactly_the_limit_is_fine_and_one_more_is_not) {
  const frame_rules rules = frame_rules::from(framing::lines(), 4);
  for (const std::size_t piece : {1U, 2U, 3U, 100U}) {
    EXPECT_EQ(receive_by(rules, "abcd\nabcd\r\n", piece), (outcome{{"abcd", "abcd"}}));
    EXPECT_EQ(receive_by(rules, "abcd\r", piece), (outcome{{}, verdict::all_taken, true}));
    EXPECT_EQ(receive_by(rules, "abcde", piece), (outcome{{}, verdict::too_large}));
    EXPECT_EQ(receive_by(rules, "abcde\n", piece), (outcome{{}, verdict::too_large}));
    EXPECT_EQ(receive_by(rules, "abcd\re\n", piece), (outcome{{}, verdict::too_large}));
    EXPECT_EQ(receive_by(rules, "abcd\r\r\n", piece), (outcome{{}, verdict::too_large}));
  }
}

TEST(hostile_custom, a_body_above_the_limit_is_too_large_however_it_is_announced) {
  const auto frames = framing::custom(std::make_shared<varint_codec>());
  const frame_rules rules = frame_rules::from(frames, 200);
  const std::string header = "\xc9\x01";
  for (const std::string& stream : {header, header + std::string(201, 'x')}) {
    EXPECT_EQ(receive(rules, stream), (outcome{{}, verdict::too_large}));
    EXPECT_EQ(receive_by(rules, stream, 1), (outcome{{}, verdict::too_large}));
  }
  EXPECT_EQ(receive_by(rules, "\xff\xff\xff\xff\xff\x01", 1), (outcome{{}, verdict::malformed}));
}

TEST(hostile_custom, a_message_that_never_ends_is_too_large) {
  const auto frames = framing::custom(std::make_shared<lookahead_codec>(0));
  const frame_rules rules = frame_rules::from(frames, 100);
  const std::size_t most = 100 + frame_rules::custom_wrap_bytes_max;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{50}, most + 1}) {
    EXPECT_EQ(receive_by(rules, std::string(most, 'x'), piece), (outcome{{}, verdict::all_taken, true}));
    EXPECT_EQ(receive_by(rules, std::string(most + 1, 'x'), piece), (outcome{{}, verdict::too_large}));
  }
}

/// What an assembler makes of a codec that gives always the same answer to ten bytes.
verdict verdict_on(const frame& answer, std::size_t piece_bytes) {
  const auto frames =
      framing::custom(std::make_shared<scripted_codec>([answer](bytes_view, std::size_t) { return answer; }));
  return receive_by(frame_rules::from(frames, 100), "0123456789", piece_bytes).state;
}

TEST(wrong_codec, nonsense_is_malformed) {
  constexpr std::size_t huge = std::numeric_limits<std::size_t>::max();
  const auto nonsense = std::to_array<frame>({
      {.state = malformed},
      {.state = static_cast<frame::status>(77), .body_bytes = 1},
      {.state = whole},
      {.state = whole, .body_bytes = 11},
      {.state = whole, .head_bytes = 11},
      {.state = whole, .tail_bytes = 11},
      {.state = whole, .head_bytes = 4, .body_bytes = 4, .tail_bytes = 4},
      {.state = whole, .head_bytes = huge, .body_bytes = 1},
      {.state = whole, .head_bytes = huge, .body_bytes = 1, .tail_bytes = huge},
      {.state = whole, .head_bytes = huge - 4, .body_bytes = 5, .tail_bytes = 5},
  });
  for (std::size_t i = 0; i < nonsense.size(); ++i) {
    EXPECT_EQ(verdict_on(nonsense[i], 10), verdict::malformed) << "answer " << i;
    EXPECT_EQ(verdict_on(nonsense[i], 1), verdict::malformed) << "answer " << i;
  }
}

TEST(wrong_codec, an_announced_frame_that_can_never_come_is_too_large) {
  constexpr std::size_t huge = std::numeric_limits<std::size_t>::max();
  const auto answers = std::to_array<frame>({
      {.body_bytes = 101},
      {.body_bytes = huge},
      {.head_bytes = 33, .body_bytes = 100},
      {.head_bytes = huge, .body_bytes = 1, .tail_bytes = huge},
      {.body_bytes = 1, .tail_bytes = huge},
  });
  for (std::size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(verdict_on(answers[i], 10), verdict::too_large) << "answer " << i;
    EXPECT_EQ(verdict_on(answers[i], 1), verdict::too_large) << "answer " << i;
  }
}

TEST(wrong_codec, a_frame_of_more_than_a_message_and_its_wrapping_is_too_large) {
  // In one run it is there as a whole; the answer must not depend on that.
  const auto frames = framing::custom(std::make_shared<scripted_codec>([](bytes_view received, std::size_t) {
    return frame{.state = received.size() < 60 ? incomplete : whole, .head_bytes = 50, .body_bytes = 10};
  }));
  const frame_rules rules = frame_rules::from(frames, 10);
  EXPECT_EQ(receive(rules, std::string(60, 'x')).state, verdict::too_large);
  EXPECT_EQ(receive_by(rules, std::string(60, 'x'), 1).state, verdict::too_large);
}

TEST(wrong_codec, one_that_announces_less_than_there_is_sees_every_byte) {
  const auto frames = framing::custom(std::make_shared<scripted_codec>([](bytes_view received, std::size_t) {
    return frame{.state = received.size() < 8 ? incomplete : whole,
                 .body_bytes = received.size() < 8 ? 3U : 8U};
  }));
  const frame_rules rules = frame_rules::from(frames, 10);
  EXPECT_EQ(receive_by(rules, "01234567", 1), outcome{{"01234567"}});
  EXPECT_EQ(receive_by(rules, "01234567", 8), outcome{{"01234567"}});
}

}  // namespace
}  // namespace naru::protocol::test
