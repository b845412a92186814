#include "base/intrusive_list.hpp"

#include <memory>
#include <optional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct by_age;
struct by_name;

struct item : naru::base::list_node<by_age>, naru::base::list_node<by_name> {
  explicit item(int item_number) : number{item_number} {}
  int number;
};

using age_list = naru::base::intrusive_list<item, by_age>;
using name_list = naru::base::intrusive_list<item, by_name>;

template <typename List>
std::vector<int> take_numbers(List& list) {
  std::vector<int> numbers;
  while (const item* const first = list.pop_front()) numbers.push_back(first->number);
  return numbers;
}

TEST(intrusive_list, is_empty_at_first) {
  age_list list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.front(), nullptr);
  EXPECT_EQ(list.pop_front(), nullptr);
}

TEST(intrusive_list, keeps_the_order) {
  item one{1}, two{2}, three{3};
  age_list list;
  list.push_back(two);
  list.push_back(three);
  list.push_front(one);
  EXPECT_EQ(list.front(), &one);
  EXPECT_THAT(take_numbers(list), ElementsAre(1, 2, 3));
  EXPECT_TRUE(list.empty());
}

TEST(intrusive_list, tells_who_is_behind_whom) {
  item one{1}, two{2};
  age_list list;
  list.push_back(one);
  EXPECT_EQ(list.after(one), nullptr);
  list.push_back(two);
  EXPECT_EQ(list.after(one), &two);
  EXPECT_EQ(list.after(two), nullptr);
}

TEST(intrusive_list, one_object_can_be_in_several_lists) {
  item one{1}, two{2};
  age_list ages;
  name_list names;
  ages.push_back(one);
  ages.push_back(two);
  names.push_back(two);
  names.push_back(one);
  age_list::remove(one);
  EXPECT_FALSE(age_list::is_linked(one));
  EXPECT_TRUE(name_list::is_linked(one));
  EXPECT_THAT(take_numbers(ages), ElementsAre(2));
  EXPECT_THAT(take_numbers(names), ElementsAre(2, 1));
}

TEST(intrusive_list, removing_twice_does_nothing) {
  item one{1}, two{2};
  age_list list;
  list.push_back(one);
  list.push_back(two);
  age_list::remove(one);
  age_list::remove(one);
  EXPECT_THAT(take_numbers(list), ElementsAre(2));
}

TEST(intrusive_list, an_object_that_dies_leaves_its_lists) {
  item one{1}, three{3};
  auto two = std::make_unique<item>(2);
  age_list list;
  name_list names;
  list.push_back(one);
  list.push_back(*two);
  list.push_back(three);
  names.push_back(*two);
  two.reset();
  EXPECT_TRUE(names.empty());
  EXPECT_THAT(take_numbers(list), ElementsAre(1, 3));
}

TEST(intrusive_list, a_list_that_dies_lets_its_members_go) {
  item one{1}, two{2};
  {
    age_list list;
    list.push_back(one);
    list.push_back(two);
  }
  EXPECT_FALSE(age_list::is_linked(one));
  EXPECT_FALSE(age_list::is_linked(two));
  age_list other;
  other.push_back(two);
  EXPECT_THAT(take_numbers(other), ElementsAre(2));
}

TEST(intrusive_list, append_moves_all_to_the_back) {
  item one{1}, two{2}, three{3}, four{4};
  age_list list, other;
  list.push_back(one);
  list.push_back(two);
  other.push_back(three);
  other.push_back(four);
  list.append(other);
  EXPECT_TRUE(other.empty());
  list.append(other);
  EXPECT_THAT(take_numbers(list), ElementsAre(1, 2, 3, 4));
}

TEST(intrusive_list, append_to_an_empty_list) {
  item one{1}, two{2};
  age_list list, other;
  other.push_back(one);
  other.push_back(two);
  list.append(other);
  other.push_back(*list.pop_front());
  EXPECT_THAT(take_numbers(list), ElementsAre(2));
  EXPECT_THAT(take_numbers(other), ElementsAre(1));
}

TEST(intrusive_list, take_all_leaves_nothing) {
  item one{1}, two{2};
  age_list list;
  EXPECT_TRUE(list.take_all().empty());
  list.push_back(one);
  list.push_back(two);
  age_list all = list.take_all();
  EXPECT_THAT(take_numbers(list), IsEmpty());
  EXPECT_THAT(take_numbers(all), ElementsAre(1, 2));
}

// What a worker does when everything is to be closed: each close may end others, in both lists.
TEST(intrusive_list, members_may_die_while_all_are_visited) {
  constexpr int count = 100;
  std::vector<std::optional<item>> items(count);
  age_list list;
  for (int i = 0; i < count; ++i) list.push_back(items[static_cast<std::size_t>(i)].emplace(i));
  std::vector<int> visited;
  auto all = list.take_all();
  while (item* const member = all.pop_front()) {
    visited.push_back(member->number);
    list.push_back(*member);
    const auto number = static_cast<std::size_t>(member->number);
    if (number % 3 == 0 && number + 1 < items.size()) items[number + 1].reset();  // one that is to come
    if (number % 3 == 2) items[number - 2].reset();                               // one that was visited
    if (number % 9 == 5) items[number].reset();                                   // this one
  }
  EXPECT_EQ(visited.size(), 67U);
  for (const int number : visited) EXPECT_NE(number % 3, 1);
  const std::vector<int> kept = take_numbers(list);
  EXPECT_EQ(kept.size(), 1U + 22U);
  for (const int number : kept) EXPECT_TRUE(number == 99 || (number % 3 == 2 && number % 9 != 5)) << number;
}

}  // namespace
