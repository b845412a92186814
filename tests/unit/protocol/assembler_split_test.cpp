#include <algorithm>
#include <random>

#include <gmock/gmock.h>

#include "example_codecs.hpp"
#include "streams.hpp"

// R5.2: however a stream is cut, the messages are the same.
namespace naru::protocol::test {
namespace {

class every_split : public testing::TestWithParam<way> {};

const messages some = {"", "a", "", "bc", "0123456789abcdef0123456789abcdef!", "d", ""};

TEST_P(every_split, R5_2_any_cut_in_two_gives_the_same_messages) {
  const frame_rules rules = GetParam().rules();
  const std::string stream = encode_all(rules, some);
  ASSERT_EQ(receive(rules, stream).delivered, some);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    EXPECT_EQ(receive_cut(rules, stream, {cut}), receive(rules, stream)) << "cut at " << cut;
  }
}

TEST_P(every_split, R5_2_any_cut_in_three_gives_the_same_messages) {
  const frame_rules rules = GetParam().rules();
  const std::string stream = encode_all(rules, some);
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      ASSERT_EQ(receive_cut(rules, stream, {first, second}).delivered, some) << first << " " << second;
    }
  }
}

TEST_P(every_split, R5_2_pieces_of_every_size_give_the_same_messages) {
  const frame_rules rules = GetParam().rules();
  const std::string stream = encode_all(rules, some);
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    EXPECT_EQ(receive_by(rules, stream, piece), receive(rules, stream)) << "pieces of " << piece;
  }
}

TEST_P(every_split, R5_2_a_stream_that_ends_anywhere_gives_the_messages_before) {
  const frame_rules rules = GetParam().rules();
  const std::string stream = encode_all(rules, some);
  for (std::size_t end = 0; end <= stream.size(); ++end) {
    const outcome cut_short = receive_by(rules, stream.substr(0, end), 1);
    std::size_t begin = 0;
    messages before;
    for (const std::string& message : some) {
      begin += encode(rules, message).size();
      if (begin > end) break;
      before.push_back(message);
    }
    EXPECT_EQ(cut_short.delivered, before);
    EXPECT_EQ(cut_short.mid_message, end != encode_all(rules, before).size()) << "end at " << end;
  }
}

TEST_P(every_split, R5_2_random_messages_in_random_pieces) {
  const frame_rules rules = GetParam().rules(200);
  std::mt19937 random{4711};
  for (int round = 0; round < 200; ++round) {
    messages sent(random() % 20);
    for (std::string& message : sent) message.assign(random() % 201, static_cast<char>('a' + random() % 26));
    const std::string stream = encode_all(rules, sent);
    std::vector<std::size_t> cuts(random() % 10);
    for (std::size_t& cut : cuts) cut = random() % (stream.size() + 1);
    std::ranges::sort(cuts);
    ASSERT_EQ(receive_cut(rules, stream, cuts).delivered, sent) << "round " << round;
  }
}

TEST_P(every_split, R5_2_large_messages_in_one_piece) {
  // 65536 read in the wrong order is 256: small enough to be believed.
  const frame_rules rules = GetParam().rules(1U << 20);
  const messages sent = {std::string(std::min<std::size_t>(rules.max_body_bytes, 65536), 'x'), "y", ""};
  EXPECT_EQ(receive(rules, encode_all(rules, sent)), outcome{sent});
  EXPECT_EQ(receive_by(rules, encode_all(rules, sent), 10'000), outcome{sent});
}

INSTANTIATE_TEST_SUITE_P(all, every_split, testing::ValuesIn(every_way()),
                         [](const auto& instance) { return instance.param.name; });

TEST(raw_split, gives_the_same_bytes_as_they_come) {
  const frame_rules rules = frame_rules::from(framing::raw(), 4);
  EXPECT_EQ(receive(rules, "abcdefghij"), (outcome{{"abcd", "efgh", "ij"}}));
  EXPECT_EQ(receive_cut(rules, "abcdefghij", {1, 3}), (outcome{{"a", "bc", "defg", "hij"}}));
  EXPECT_EQ(receive(rules, ""), outcome{});
}

TEST(line_split, a_carriage_return_belongs_to_the_line_end_wherever_it_is_cut) {
  const frame_rules rules = frame_rules::from(framing::lines(), 10);
  const std::string stream = "a\r\n\r\nb\nc\rd\r\r\n\n";
  const messages expected = {"a", "", "b", "c\rd\r", ""};
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      ASSERT_EQ(receive_cut(rules, stream, {first, second}), outcome{expected});
    }
  }
}

TEST(codec_split, a_codec_may_look_beyond_the_end_of_a_message) {
  for (const std::size_t ahead : {1U, 2U, 3U, 7U}) {
    const auto frames = framing::custom(std::make_shared<lookahead_codec>(ahead));
    const frame_rules rules = frame_rules::from(frames, 20);
    const std::string stream = ";a;;bcdefghijk;;;l;" + std::string(ahead, '.');
    const outcome expected{{"", "a", "", "bcdefghijk", "", "", "l"}, feed_result::verdict::all_taken, true};
    ASSERT_EQ(receive(rules, stream), expected);
    for (std::size_t first = 0; first <= stream.size(); ++first) {
      for (std::size_t second = first; second <= stream.size(); ++second) {
        ASSERT_EQ(receive_cut(rules, stream, {first, second}), expected) << ahead << first << " " << second;
      }
    }
    EXPECT_EQ(receive_by(rules, stream, 1), expected);
  }
}

}  // namespace
}  // namespace naru::protocol::test
