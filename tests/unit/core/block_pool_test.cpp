#include "base/block_pool.hpp"

#include <array>
#include <cstddef>
#include <utility>

#include <gtest/gtest.h>

namespace naru::base {
namespace {

TEST(BlockPool, GivesBlocksOfTheNextLargerClass) {
  memory_budget budget;
  block_pool pool{budget};
  const std::array<std::pair<std::size_t, std::size_t>, 4> cases{
      {{1, 4096}, {4096, 4096}, {4097, 16384}, {65536, 65536}}};
  for (const auto& [wanted, given] : cases) {
    const auto block = pool.take(wanted);
    ASSERT_NE(block.data, nullptr);
    EXPECT_EQ(block.bytes, given);
    pool.give_back(block);
  }
}

TEST(BlockPool, GivesExactlyWhatIsAskedAboveTheLargestClass) {
  memory_budget budget;
  block_pool pool{budget};
  const auto block = pool.take(65537);
  EXPECT_EQ(block.bytes, 65537U);
  pool.give_back(block);
}

TEST(BlockPool, UsesTheBlockAgainThatWasGivenBackLast) {
  memory_budget budget;
  block_pool pool{budget};
  const auto first = pool.take(100);
  const auto second = pool.take(100);
  pool.give_back(first);
  pool.give_back(second);
  const auto again = pool.take(100);
  EXPECT_EQ(again.data, second.data);
  pool.give_back(again);
}

TEST(BlockPool, AnswersNullWhenThereIsNoMemory) {
  memory_budget budget;
  block_pool pool{budget};
  // More than any address space has.
  EXPECT_EQ(pool.take(std::size_t{1} << 62).data, nullptr);
}

}  // namespace
}  // namespace naru::base
