#include <algorithm>
#include <ranges>
#include <vector>

#include <gmock/gmock.h>

#include "counted_memory.hpp"
#include "example_codecs.hpp"
#include "streams.hpp"

// What receiving costs: no copy and no memory for messages that are whole, memory by what came for others,
// and work in proportion to the bytes.
namespace naru::protocol::test {
namespace {

using verdict = feed_result::verdict;

const auto ignore = [](bytes_view) { return after_message::go_on; };

class every_cost : public testing::TestWithParam<way> {};

TEST_P(every_cost, whole_messages_are_handed_over_where_they_lie) {
  const frame_rules rules = GetParam().rules();
  const std::string split = encode(rules, "split");
  const std::string stream = encode_all(rules, {"one", "", "two", "three"});
  assembler state;
  static_cast<void>(state.feed(rules, as_bytes(split).first(split.size() - 1), ignore));
  const std::string run = split.back() + stream;

  std::size_t count = 0;
  const counted_memory memory;
  const auto take = [&](bytes_view message) {
    const bool is_inside = message.data() >= as_bytes(run).data() &&
                           message.data() + message.size() <= as_bytes(run).data() + run.size();
    EXPECT_EQ(is_inside, ++count > 1) << "only the split one is put together";
    return after_message::go_on;
  };
  EXPECT_EQ(state.feed(rules, as_bytes(run), take).state, verdict::all_taken);
  EXPECT_EQ(count, 5U);
  EXPECT_EQ(memory.requests(), 0U);
  EXPECT_EQ(state.capacity_bytes(), 0U);
}

TEST_P(every_cost, memory_is_at_most_twice_what_came) {
  const frame_rules rules = GetParam().rules(1U << 16);
  const std::string stream =
      encode(rules, std::string(std::min<std::size_t>(rules.max_body_bytes, 5000), 'x'));
  for (const std::size_t piece : {1U, 7U, 100U, 3000U}) {
    assembler state;
    std::size_t came = 0;
    while (came < stream.size()) {
      const bytes_view bytes = as_bytes(std::string_view{stream}.substr(came, piece));
      came += bytes.size();
      ASSERT_EQ(state.feed(rules, bytes, ignore).state, verdict::all_taken);
      ASSERT_LE(state.capacity_bytes(), std::max(held_bytes::first_bytes, 2 * came));
    }
    EXPECT_EQ(state.capacity_bytes(), 0U);
  }
}

TEST_P(every_cost, memory_is_given_back_after_the_handler_has_run) {
  const frame_rules rules = GetParam().rules();
  const std::string stream = encode(rules, "a message");
  assembler state;
  for (const char byte : stream) {
    const auto take = [&](bytes_view message) {
      EXPECT_EQ(as_text(message), "a message");
      EXPECT_EQ(state.buffered_bytes(), 0U);
      return after_message::go_on;
    };
    static_cast<void>(state.feed(rules, as_bytes({&byte, 1}), take));
  }
  EXPECT_EQ(state.capacity_bytes(), 0U);
}

TEST_P(every_cost, without_memory_the_messages_before_are_delivered_and_none_after) {
  const frame_rules rules = GetParam().rules();
  const messages sent = {"one", std::string(100, 'x'), "two", std::string(200, 'y'), "three"};
  const std::string stream = encode_all(rules, sent);
  for (const std::size_t piece : {1U, 5U, 50U}) {
    bool enough = false;
    for (std::size_t granted = 0; !enough; ++granted) {
      ASSERT_LT(granted, 100U);
      receiver to{rules};
      {
        const counted_memory memory{granted};
        for (std::size_t at = 0; at < stream.size(); at += piece) to.feed(stream.substr(at, piece));
      }
      enough = to.last().state == verdict::all_taken;
      const messages got = to.result().delivered;
      ASSERT_LE(got.size(), sent.size());
      ASSERT_TRUE(std::ranges::equal(got, sent | std::views::take(got.size())));
      if (enough) {
        ASSERT_EQ(got, sent);
      } else {
        ASSERT_EQ(to.last().state, verdict::no_memory);
        ASSERT_EQ(to.state().capacity_bytes(), 0U);
      }
    }
  }
}

TEST_P(every_cost, without_memory_a_pause_ends_the_stream) {
  const frame_rules rules = GetParam().rules();
  const std::string stream = encode_all(rules, {"one", "two"});
  assembler state;
  const counted_memory memory{0};
  const auto pause = [](bytes_view) { return after_message::pause; };
  EXPECT_EQ(state.feed(rules, as_bytes(stream), pause).state, verdict::no_memory);
  EXPECT_EQ(state.feed(rules, as_bytes(stream), pause).state, verdict::stopped);
}

INSTANTIATE_TEST_SUITE_P(all, every_cost, testing::ValuesIn(every_way()),
                         [](const auto& instance) { return instance.param.name; });

TEST(announced_length, R5_3_reserves_nothing) {
  const frame_rules rules = frame_rules::from(framing::length_prefix(), 0xffffffff);
  std::vector<assembler> all(10'000);
  const counted_memory memory;
  for (assembler& state : all) {
    static_cast<void>(state.feed(rules, as_bytes(size_prefix(0xffffffff) + "some"), ignore));
    EXPECT_LE(state.capacity_bytes(), held_bytes::first_bytes);
  }
  EXPECT_EQ(memory.requests(), all.size());
  EXPECT_LE(memory.largest_request_bytes(), 64U);
}

TEST(announced_length, memory_is_never_larger_than_the_message) {
  const frame_rules rules = frame_rules::from(framing::length_prefix(), 1U << 20);
  const std::string stream = size_prefix(1000) + std::string(1000, 'x');
  assembler state;
  for (std::size_t at = 0; at + 9 < stream.size(); at += 9) {
    static_cast<void>(state.feed(rules, as_bytes(std::string_view{stream}.substr(at, 9)), ignore));
    EXPECT_LE(state.capacity_bytes(), stream.size());
  }
}

TEST(split_message, takes_little_of_a_large_run_whose_messages_are_small) {
  const auto frames = framing::custom(std::make_shared<lookahead_codec>(0));
  const frame_rules rules = frame_rules::from(frames, 1U << 20);
  std::string run;
  while (run.size() < 60'000) run += "a message;";
  assembler state;
  const counted_memory memory;
  EXPECT_EQ(state.feed(rules, as_bytes("half "), ignore).state, verdict::all_taken);
  EXPECT_EQ(state.feed(rules, as_bytes(run), ignore).state, verdict::all_taken);
  EXPECT_EQ(memory.requests(), 2U);
  EXPECT_LE(memory.largest_request_bytes(), 100U);
}

TEST(split_message, is_looked_at_a_few_times_in_a_large_run) {
  std::size_t calls = 0;
  const lookahead_codec inner{0};
  const auto frames =
      framing::custom(std::make_shared<scripted_codec>([&](bytes_view received, std::size_t seen) {
        ++calls;
        return inner.parse(received, seen);
      }));
  const frame_rules rules = frame_rules::from(frames, 1U << 20);
  const std::string stream(60'000, 'x');
  EXPECT_EQ(receive_cut(rules, stream + ";", {1}).delivered, messages{stream});
  EXPECT_LE(calls, 16U) << "each look takes twice as much";
}

TEST(one_byte_at_a_time, is_looked_at_once) {
  const auto own = std::make_shared<lookahead_codec>(0);
  const auto frames = framing::custom(own);
  const frame_rules rules = frame_rules::from(frames, 1U << 20);
  const std::string stream = encode(rules, std::string(100'000, 'x'));
  const counted_memory memory;
  EXPECT_EQ(receive_by(rules, stream, 1).delivered.size(), 1U);
  EXPECT_LE(own->looked_bytes(), 2 * stream.size());
  EXPECT_LE(memory.requests(), 20U) << "each doubles what is held, so that copying is linear as well";
}

TEST(one_byte_at_a_time, an_announced_body_is_not_asked_about_again) {
  std::size_t calls = 0;
  const varint_codec inner;
  const auto frames =
      framing::custom(std::make_shared<scripted_codec>([&](bytes_view received, std::size_t seen) {
        ++calls;
        return inner.parse(received, seen);
      }));
  const frame_rules rules = frame_rules::from(frames, 1U << 20);
  const std::string stream = "\xa0\x8d\x06" + std::string(100'000, 'x');
  EXPECT_EQ(receive_by(rules, stream, 1).delivered.size(), 1U);
  EXPECT_EQ(calls, 4U);
}

TEST(one_byte_at_a_time, a_line_grows_by_doubling) {
  const frame_rules rules = frame_rules::from(framing::lines(), 1U << 20);
  const counted_memory memory;
  EXPECT_EQ(receive_by(rules, std::string(1U << 20, 'x') + "\n", 1).delivered.size(), 1U);
  EXPECT_LE(memory.requests(), 20U);
}

}  // namespace
}  // namespace naru::protocol::test
