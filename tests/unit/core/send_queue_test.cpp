#include "core/send_queue.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace naru::core {
namespace {

std::string text_of(char letter, std::size_t bytes) {
  return std::string(bytes, letter);
}

class SendQueue : public ::testing::Test {
 protected:
  void add(const std::string& text) {
    std::byte* const place = queue_.extend(text.size());
    ASSERT_NE(place, nullptr);
    std::memcpy(place, text.data(), text.size());
  }
  void add_large(std::string text, std::string_view head = {}, std::string_view tail = {}) {
    auto message = std::make_unique<owned_message<std::string>>(std::move(text));
    wrapping around;
    around.head_bytes = head.size();
    around.tail_bytes = tail.size();
    std::ranges::copy(as_bytes(head), around.head.begin());
    std::ranges::copy(as_bytes(tail), around.tail.begin());
    message->wrap_in(around);
    queue_.append(std::move(message));
  }
  [[nodiscard]] std::string gathered(std::size_t bytes_max, std::size_t buffers_max = 16) {
    std::vector<bytes_view> out(buffers_max);
    const std::size_t used = queue_.gather(out, bytes_max);
    std::string all;
    for (std::size_t i = 0; i < used; ++i) all += as_text(out[i]);
    return all;
  }

  base::memory_budget budget_;
  queue_supply supply_{budget_};
  send_queue queue_{supply_};
};

TEST_F(SendQueue, IsEmptyAtFirst) {
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(gathered(100), "");
}

TEST_F(SendQueue, PacksSmallMessagesIntoOneBuffer) {
  add("one");
  add("two");
  add("three");
  EXPECT_EQ(queue_.bytes(), 11U);
  std::array<bytes_view, 4> out;
  EXPECT_EQ(queue_.gather(out, 100), 1U);
  EXPECT_EQ(as_text(out[0]), "onetwothree");
}

TEST_F(SendQueue, ResumesAtTheByteWhereTheSystemStopped_R4_3) {
  add("one");
  add("two");
  EXPECT_EQ(queue_.consume(4), 1U);
  EXPECT_EQ(gathered(100), "wo");
  EXPECT_EQ(queue_.consume(1), 0U);
  EXPECT_EQ(queue_.consume(1), 1U);
  EXPECT_TRUE(queue_.empty());
}

TEST_F(SendQueue, GathersNoMoreThanAsked) {
  add(text_of('a', 3000));
  add_large(text_of('b', 3000));
  EXPECT_EQ(gathered(10), text_of('a', 10));
  EXPECT_EQ(gathered(3000), text_of('a', 3000));
  EXPECT_EQ(gathered(3001), text_of('a', 3000) + "b");
  EXPECT_EQ(gathered(10000, 1), text_of('a', 3000));
}

TEST_F(SendQueue, KeepsALargeMessageWhereItIs) {
  std::string text = text_of('x', 100'000);
  const void* const place = text.data();
  add_large(std::move(text), "<<", ">");
  std::array<bytes_view, 4> out;
  ASSERT_EQ(queue_.gather(out, 1'000'000), 3U);
  EXPECT_EQ(static_cast<const void*>(out[1].data()), place);
  EXPECT_EQ(queue_.consume(1), 0U);
  EXPECT_EQ(gathered(4), "<xxx");
  EXPECT_EQ(queue_.consume(100'001), 0U);
  EXPECT_EQ(gathered(100), ">");
  EXPECT_EQ(queue_.consume(1), 1U);
}

TEST_F(SendQueue, KeepsOrderBetweenSmallAndLarge_R4_5) {
  add("first");
  add_large("second");
  add("third");
  EXPECT_EQ(gathered(100), "firstsecondthird");
}

TEST_F(SendQueue, TakesAMessageLargerThanAnyBlock) {
  const std::string huge = text_of('h', 300'000);
  add(huge);
  add("t");
  EXPECT_EQ(gathered(400'000), huge + "t");
  EXPECT_EQ(queue_.consume(300'001), 2U);
}

TEST_F(SendQueue, HoldsStillWhileMoreIsAppended) {
  // What an engine owns while a send is pending must not move.
  add("in flight");
  std::array<bytes_view, 1> before;
  ASSERT_EQ(queue_.gather(before, 100), 1U);
  for (int i = 0; i < 10'000; ++i) add("more");
  EXPECT_EQ(as_text(before[0].first(9)), "in flight");
}

TEST_F(SendQueue, ClearsWhateverIsInIt) {
  add(text_of('a', 5000));
  add_large(text_of('b', 5000));
  EXPECT_EQ(queue_.consume(100), 0U);
  EXPECT_EQ(queue_.clear().messages, 2U);
  EXPECT_TRUE(queue_.empty());
  add("after");
  EXPECT_EQ(gathered(100), "after");
}

/// Against a plain string and a list of lengths, with sizes around those of the blocks.
TEST_F(SendQueue, AgreesWithAModel) {
  std::mt19937 random{20'261'122};
  const std::array<std::size_t, 8> sizes = {1, 4, 68, 1000, 4000, 4096, 16'384, 70'000};
  std::string model;
  std::deque<std::size_t> lengths;
  std::size_t sent_of_first = 0;
  for (int step = 0; step < 4000; ++step) {
    if (random() % 2 == 0 && model.size() < 1'000'000) {
      const std::size_t bytes = 1 + random() % sizes[random() % sizes.size()];
      std::string text = text_of(static_cast<char>('a' + step % 26), bytes);
      model += text;
      lengths.push_back(bytes);
      if (random() % 4 == 0) {
        add_large(std::move(text));
      } else {
        add(text);
      }
    } else if (!model.empty()) {
      const std::size_t most = 1 + random() % 100'000;
      const std::string some = gathered(most);
      ASSERT_FALSE(some.empty());
      ASSERT_EQ(some, model.substr(0, some.size()));
      const std::size_t taken = random() % (some.size() + 1);
      std::size_t ended = 0;
      sent_of_first += taken;
      while (!lengths.empty() && sent_of_first >= lengths.front()) {
        sent_of_first -= lengths.front();
        lengths.pop_front();
        ++ended;
      }
      model.erase(0, taken);
      ASSERT_EQ(queue_.consume(taken), ended) << "step " << step;
    }
    ASSERT_EQ(queue_.bytes(), model.size());
  }
}

}  // namespace
}  // namespace naru::core
