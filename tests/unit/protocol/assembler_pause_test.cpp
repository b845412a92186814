#include <algorithm>
#include <random>
#include <stdexcept>

#include <gmock/gmock.h>

#include "streams.hpp"

// What a handler asks for between two messages: a pause holds, a close ends, an exception harms nothing.
namespace naru::protocol::test {
namespace {

using verdict = feed_result::verdict;

class every_pause : public testing::TestWithParam<way> {};

const messages six_messages = {"", "one", "two", "", "0123456789abcdef0123456789abcdef!", "six"};

/// Takes messages and answers as its plan says; after the plan, `go_on`.
struct planned_taker {
  std::vector<after_message> plan;
  messages taken = {};

  after_message operator()(bytes_view message) {
    taken.emplace_back(as_text(message));
    return taken.size() <= plan.size() ? plan[taken.size() - 1] : after_message::go_on;
  }
};

/// Feeds a stream in pieces of this size and resumes after every pause.
verdict run(const frame_rules& rules, std::string_view stream, std::size_t piece_bytes,
            planned_taker& taker) {
  assembler state;
  for (std::size_t at = 0; at < stream.size(); at += piece_bytes) {
    feed_result last = state.feed(rules, as_bytes(stream.substr(at, piece_bytes)), taker);
    while (last.state == verdict::stopped && state.is_paused()) last = state.resume(rules, taker);
    if (last.state != verdict::all_taken && last.state != verdict::stopped) return last.state;
  }
  EXPECT_EQ(state.buffered_bytes(), 0U);
  EXPECT_EQ(state.capacity_bytes(), 0U);
  return verdict::all_taken;
}

TEST_P(every_pause, at_each_message_loses_and_repeats_nothing) {
  const frame_rules rules = GetParam().rules();
  const std::string stream = encode_all(rules, six_messages);
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    for (unsigned pauses = 0; pauses < 1U << six_messages.size(); ++pauses) {
      planned_taker taker{std::vector<after_message>(six_messages.size(), after_message::go_on)};
      for (std::size_t i = 0; i < six_messages.size(); ++i) {
        if ((pauses >> i & 1U) != 0) taker.plan[i] = after_message::pause;
      }
      ASSERT_EQ(run(rules, stream, piece, taker), verdict::all_taken);
      ASSERT_EQ(taker.taken, six_messages) << "pieces of " << piece << ", pauses " << pauses;
    }
  }
}

TEST_P(every_pause, the_next_message_waits_for_resume) {
  const frame_rules rules = GetParam().rules();
  const std::string stream = encode_all(rules, six_messages);
  assembler state;
  planned_taker taker{{after_message::go_on, after_message::pause, after_message::pause}};

  EXPECT_EQ(state.feed(rules, as_bytes(stream), taker).state, verdict::stopped);
  EXPECT_EQ(taker.taken.size(), 2U);
  EXPECT_TRUE(state.is_paused());
  EXPECT_FALSE(state.is_mid_message());
  EXPECT_EQ(state.buffered_bytes(),
            stream.size() - encode_all(rules, {six_messages[0], six_messages[1]}).size());

  EXPECT_EQ(state.resume(rules, taker).state, verdict::stopped);
  EXPECT_EQ(taker.taken.size(), 3U);
  EXPECT_EQ(state.resume(rules, taker).state, verdict::all_taken);
  EXPECT_EQ(taker.taken, six_messages);
  EXPECT_FALSE(state.is_paused());
}

TEST_P(every_pause, at_the_last_message_lasts_until_resume_too) {
  const frame_rules rules = GetParam().rules();
  const std::string stream = encode_all(rules, {"one", "two"});
  const std::string more = encode(rules, "three");
  assembler state;
  planned_taker taker{std::vector<after_message>(3, after_message::pause)};
  EXPECT_EQ(state.feed(rules, as_bytes(stream), taker).state, verdict::stopped);
  EXPECT_EQ(state.resume(rules, taker).state, verdict::stopped);
  EXPECT_TRUE(state.is_paused());
  EXPECT_EQ(state.capacity_bytes(), 0U);
  EXPECT_EQ(state.resume(rules, taker).state, verdict::all_taken);
  EXPECT_FALSE(state.is_paused());

  EXPECT_EQ(state.feed(rules, as_bytes(more), taker).state, verdict::stopped);
  EXPECT_TRUE(state.is_paused());
  EXPECT_EQ(state.feed(rules, as_bytes(more), taker).state, verdict::stopped);
  EXPECT_EQ(taker.taken.size(), 3U);
  EXPECT_EQ(state.resume(rules, taker).state, verdict::all_taken);
  EXPECT_EQ(taker.taken, (messages{"one", "two", "three", "three"}));
}

TEST_P(every_pause, gives_memory_back_as_what_was_held_is_taken) {
  const frame_rules rules = GetParam().rules();
  std::string stream;
  for (int i = 0; i < 100; ++i) stream += encode(rules, "a message");
  assembler state;
  planned_taker taker{std::vector<after_message>(100, after_message::pause)};
  EXPECT_EQ(state.feed(rules, as_bytes(stream), taker).state, verdict::stopped);
  while (taker.taken.size() < 100) {
    EXPECT_EQ(state.resume(rules, taker).state, verdict::stopped);
    EXPECT_LE(state.capacity_bytes(), std::max(held_bytes::first_bytes, 2 * state.buffered_bytes()));
  }
  EXPECT_EQ(state.capacity_bytes(), 0U);
}

TEST_P(every_pause, what_comes_while_paused_waits_behind_the_rest) {
  const frame_rules rules = GetParam().rules();
  const std::string stream = encode_all(rules, six_messages);
  for (std::size_t cut = encode(rules, six_messages[0]).size() + 1; cut < stream.size(); ++cut) {
    assembler state;
    planned_taker taker{{after_message::pause}};
    ASSERT_EQ(state.feed(rules, as_bytes(stream).first(cut), taker).state, verdict::stopped);
    ASSERT_EQ(state.feed(rules, as_bytes(stream).subspan(cut), taker).state, verdict::stopped);
    ASSERT_EQ(taker.taken.size(), 1U);
    ASSERT_EQ(state.resume(rules, taker).state, verdict::all_taken);
    ASSERT_EQ(taker.taken, six_messages) << "cut at " << cut;
  }
}

TEST_P(every_pause, a_split_message_behind_a_pause_keeps_no_memory_for_the_whole_run) {
  const frame_rules rules = GetParam().rules();
  std::string stream;
  for (int i = 0; i < 1000; ++i) stream += encode(rules, "a message");
  const std::string last = encode(rules, "the last");
  stream += last.substr(0, last.size() - 1);

  assembler state;
  planned_taker taker{{after_message::pause}};
  ASSERT_EQ(state.feed(rules, as_bytes(stream), taker).state, verdict::stopped);
  ASSERT_EQ(state.resume(rules, taker).state, verdict::all_taken);
  EXPECT_TRUE(state.is_mid_message());
  EXPECT_EQ(state.buffered_bytes(), last.size() - 1);
  EXPECT_LE(state.capacity_bytes(), held_bytes::first_bytes);
  ASSERT_EQ(state.feed(rules, as_bytes(last).last(1), taker).state, verdict::all_taken);
  EXPECT_EQ(taker.taken.size(), 1001U);
  EXPECT_EQ(taker.taken.back(), "the last");
}

TEST_P(every_pause, after_a_close_nothing_is_delivered_or_held) {
  const frame_rules rules = GetParam().rules();
  const std::string stream = encode_all(rules, six_messages);
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    for (std::size_t closing = 1; closing <= six_messages.size(); ++closing) {
      assembler state;
      planned_taker taker{std::vector<after_message>(closing, after_message::go_on)};
      taker.plan.back() = after_message::close;
      for (std::size_t at = 0; at < stream.size(); at += piece) {
        const bytes_view bytes = as_bytes(std::string_view{stream}.substr(at, piece));
        static_cast<void>(state.feed(rules, bytes, taker));
      }
      ASSERT_EQ(taker.taken.size(), closing);
      ASSERT_EQ(state.capacity_bytes(), 0U);
      ASSERT_EQ(state.feed(rules, as_bytes(stream), taker).state, verdict::stopped);
      ASSERT_EQ(state.resume(rules, taker).state, verdict::stopped);
      ASSERT_EQ(taker.taken.size(), closing);
    }
  }
}

TEST_P(every_pause, an_exception_leaves_an_assembler_that_can_be_ended) {
  const frame_rules rules = GetParam().rules();
  const std::string stream = encode_all(rules, six_messages);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    for (std::size_t fatal = 1; fatal <= six_messages.size(); ++fatal) {
      assembler state;
      std::size_t count = 0;
      const auto take = [&](bytes_view) {
        if (++count == fatal) throw std::runtime_error{"a handler"};
        return count == 1 ? after_message::pause : after_message::go_on;
      };
      const auto feed_all = [&] {
        static_cast<void>(state.feed(rules, as_bytes(stream).first(cut), take));
        static_cast<void>(state.resume(rules, take));
        static_cast<void>(state.feed(rules, as_bytes(stream).subspan(cut), take));
        static_cast<void>(state.resume(rules, take));
      };
      ASSERT_THROW(feed_all(), std::runtime_error);
      state.end();
      ASSERT_EQ(state.capacity_bytes(), 0U);
      ASSERT_EQ(state.feed(rules, as_bytes(stream), take).state, verdict::stopped);
      ASSERT_EQ(count, fatal);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(all, every_pause, testing::ValuesIn(every_way()),
                         [](const auto& instance) { return instance.param.name; });

TEST(raw_pause, holds_the_rest_and_no_more) {
  const frame_rules rules = frame_rules::from(framing::raw(), 3);
  assembler state;
  planned_taker taker{{after_message::pause, after_message::pause}};
  EXPECT_EQ(state.feed(rules, as_bytes("abcdefgh"), taker).state, verdict::stopped);
  EXPECT_EQ(state.resume(rules, taker).state, verdict::stopped);
  EXPECT_EQ(state.resume(rules, taker).state, verdict::all_taken);
  EXPECT_EQ(taker.taken, (messages{"abc", "def", "gh"}));
  EXPECT_EQ(state.capacity_bytes(), 0U);
}

}  // namespace
}  // namespace naru::protocol::test
