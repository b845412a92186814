#include "core/datagram_queue.hpp"

#include <cstring>
#include <deque>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace naru::core {
namespace {

void push_back(datagram_queue& queue, const std::string& text) {
  std::byte* const place = queue.push_back(text.size());
  ASSERT_NE(place, nullptr);
  std::memcpy(place, text.data(), text.size());
}

void push_front(datagram_queue& queue, const std::string& text) {
  std::byte* const place = queue.push_front(text.size());
  ASSERT_NE(place, nullptr);
  std::memcpy(place, text.data(), text.size());
}

std::string take(datagram_queue& queue) {
  std::string text{as_text(queue.front())};
  queue.pop_front();
  return text;
}

TEST(DatagramQueue, GivesThemInTheirOrderWithTheirBoundaries) {
  datagram_queue queue;
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
  datagram_queue queue;
  push_front(queue, "only");
  push_back(queue, "last");  // behind what was put at the front of an empty queue
  push_front(queue, "first");
  EXPECT_EQ(take(queue), "first");
  EXPECT_EQ(take(queue), "only");
  EXPECT_EQ(take(queue), "last");
}

TEST(DatagramQueue, IsAsGoodAsNewWhenItWasEmptied) {
  datagram_queue queue;
  for (int round = 0; round < 3; ++round) {
    push_back(queue, "a");
    push_back(queue, "b");
    EXPECT_EQ(take(queue), "a");
    EXPECT_EQ(take(queue), "b");
    EXPECT_TRUE(queue.empty());
  }
}

TEST(DatagramQueue, ReleasesWhatIsLeft) {
  // Whoever watches the memory sees that nothing leaks.
  datagram_queue queue;
  for (int i = 0; i < 10; ++i) push_back(queue, std::string(1'000, 'x'));
}

TEST(DatagramQueue, DoesWhatADequeWould) {
  std::mt19937 chance{7};  // NOLINT(cert-msc51-cpp): the same run each time
  datagram_queue queue;
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
