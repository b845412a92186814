#include "core/datagram_queue.hpp"

#include <cstring>
#include <deque>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace naru::core {
namespace {

/// With what it lives on.
class queue_of_test {
 public:
  ~queue_of_test() {
    while (!queue_.empty()) queue_.pop_front(supply_);
    EXPECT_EQ(budget_.used(), 0U);
  }
  [[nodiscard]] bool empty() const { return queue_.empty(); }
  [[nodiscard]] bytes_view front() const { return queue_.front(nullptr); }
  [[nodiscard]] std::byte* push_back(std::size_t bytes) { return queue_.push_back(bytes, supply_); }
  [[nodiscard]] bool push_back(const message_ref& shared) { return queue_.push_back(shared, supply_); }
  [[nodiscard]] std::byte* push_front(std::size_t bytes) { return queue_.push_front(bytes, supply_); }
  void pop_front() { queue_.pop_front(supply_); }

 private:
  base::memory_budget budget_{std::size_t{1} << 30};
  queue_supply supply_{budget_};
  datagram_queue queue_;
};

void push_back(queue_of_test& queue, const std::string& text) {
  std::byte* const place = queue.push_back(text.size());
  ASSERT_NE(place, nullptr);
  std::memcpy(place, text.data(), text.size());
}

void push_front(queue_of_test& queue, const std::string& text) {
  std::byte* const place = queue.push_front(text.size());
  ASSERT_NE(place, nullptr);
  std::memcpy(place, text.data(), text.size());
}

std::string take(queue_of_test& queue) {
  std::string text{as_text(queue.front())};
  queue.pop_front();
  return text;
}

TEST(DatagramQueue, GivesThemInTheirOrderWithTheirBoundaries) {
  queue_of_test queue;
  EXPECT_TRUE(queue.empty());
  push_back(queue, "one");
  push_back(queue, "");
  push_back(queue, "three");
  EXPECT_FALSE(queue.empty());
  EXPECT_EQ(take(queue), "one");
  EXPECT_EQ(take(queue), "");
  EXPECT_EQ(take(queue), "three");
  EXPECT_TRUE(queue.empty());
}

TEST(DatagramQueue, OneThatComesBackIsTheOldest) {
  queue_of_test queue;
  push_front(queue, "only");
  push_back(queue, "last");  // behind what was put at the front of an empty queue
  push_front(queue, "first");
  EXPECT_EQ(take(queue), "first");
  EXPECT_EQ(take(queue), "only");
  EXPECT_EQ(take(queue), "last");
}

TEST(DatagramQueue, IsAsGoodAsNewWhenItWasEmptied) {
  queue_of_test queue;
  for (int round = 0; round < 3; ++round) {
    push_back(queue, "a");
    push_back(queue, "b");
    EXPECT_EQ(take(queue), "a");
    EXPECT_EQ(take(queue), "b");
    EXPECT_TRUE(queue.empty());
  }
}

TEST(DatagramQueue, GivesBackWhatItTook) {
  // The end of the test's queue looks at it.
  queue_of_test queue;
  const std::string text(1'000, 'x');
  for (int i = 0; i < 10; ++i) push_back(queue, text);
  const bytes_view bytes = as_bytes(text);
  const message_ref shared{message_body::make(std::span{&bytes, 1})};
  EXPECT_TRUE(queue.push_back(shared));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(take(queue), text);
  EXPECT_EQ(queue.front().data(), shared->bytes().data()) << "not copied";
}

TEST(DatagramQueue, DoesWhatADequeWould) {
  std::mt19937 chance{7};  // NOLINT(cert-msc51-cpp): the same run each time
  queue_of_test queue;
  std::deque<std::string> expected;
  for (int step = 0; step < 10'000; ++step) {
    const std::string text(chance() % 300, static_cast<char>('a' + step % 26));
    switch (chance() % 4) {
      case 0:
        push_front(queue, text);
        expected.push_front(text);
        break;
      case 1:
        push_back(queue, text);
        expected.push_back(text);
        break;
      default:
        if (!expected.empty()) {
          ASSERT_EQ(take(queue), expected.front());
          expected.pop_front();
        }
        break;
    }
    ASSERT_EQ(queue.empty(), expected.empty());
  }
}

}  // namespace
}  // namespace naru::core
