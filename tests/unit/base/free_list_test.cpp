#include "base/free_list.hpp"

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace {

using pieces_of_64 = naru::base::free_list<64>;

TEST(free_list, what_was_given_back_last_is_used_first) {
  pieces_of_64 all;
  void* const one = all.take();
  void* const two = all.take();
  ASSERT_NE(one, nullptr);
  ASSERT_NE(two, nullptr);
  EXPECT_NE(one, two);
  all.give_back(one);
  all.give_back(two);
  EXPECT_EQ(all.take(), two);
  EXPECT_EQ(all.take(), one);
  all.give_back(one);
  all.give_back(two);
}

TEST(free_list, keeps_no_more_than_it_may) {
  pieces_of_64 all;
  std::vector<void*> pieces;
  for (std::size_t i = 0; i < pieces_of_64::kept_max + 10; ++i) pieces.push_back(all.take());
  EXPECT_EQ(std::set<void*>(pieces.begin(), pieces.end()).size(), pieces.size());
  for (void* const each : pieces) all.give_back(each);  // a sanitizer sees what is not freed
  EXPECT_EQ(all.take(), pieces[pieces_of_64::kept_max - 1]) << "what came when it was full is not kept";
  all.give_back(pieces[pieces_of_64::kept_max - 1]);
}

}  // namespace
