#include "base/countdown.hpp"

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace naru::base {
namespace {

TEST(countdown, of_nothing_is_over) {
  countdown none{0};
  none.wait();
}

TEST(countdown, waits_for_the_last_one) {
  constexpr std::size_t count = 8;
  std::atomic<std::size_t> happened = 0;
  countdown all{count};
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&] {
      ++happened;
      all.count_down();
    });
  }
  all.wait();
  EXPECT_EQ(happened, count);
  all.wait();  // it stays over
}

}  // namespace
}  // namespace naru::base
