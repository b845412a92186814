#include "engine/slot_table.hpp"

#include <cstddef>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace naru::test {
namespace {

using table = engine::slot_table<int>;

TEST(slot_table_test, nobody_is_never_found) {
  table slots;
  EXPECT_EQ(slots.find(table::nobody), nullptr);
  int object = 0;
  EXPECT_NE(slots.insert(object), table::nobody);
  EXPECT_EQ(slots.find(table::nobody), nullptr);
}

TEST(slot_table_test, a_name_finds_its_object_until_it_is_erased) {
  table slots;
  int first = 0;
  int second = 0;
  const auto name_of_first = slots.insert(first);
  const auto name_of_second = slots.insert(second);
  EXPECT_EQ(slots.find(name_of_first), &first);
  EXPECT_EQ(slots.find(name_of_second), &second);
  slots.erase(name_of_first);
  EXPECT_EQ(slots.find(name_of_first), nullptr);
  EXPECT_EQ(slots.find(name_of_second), &second);
  EXPECT_EQ(slots.size(), 1U);
}

TEST(slot_table_test, an_old_name_does_not_find_what_took_the_place) {
  table slots;
  int old_holder = 0;
  int new_holder = 0;
  std::set<table::token> names;
  for (int i = 0; i < 1000; ++i) {
    const auto old_name = slots.insert(old_holder);
    EXPECT_TRUE(names.insert(old_name).second) << "a name was given twice";
    slots.erase(old_name);
    const auto new_name = slots.insert(new_holder);
    EXPECT_EQ(slots.find(old_name), nullptr);
    EXPECT_EQ(slots.find(new_name), &new_holder);
    slots.erase(new_name);
  }
}

TEST(slot_table_test, many_come_and_go) {
  table slots;
  std::vector<int> objects(10'000);
  std::vector<table::token> names;
  for (int round = 0; round < 2; ++round) {
    for (int& object : objects) names.push_back(slots.insert(object));
    for (std::size_t i = 0; i < objects.size(); ++i) ASSERT_EQ(slots.find(names[i]), &objects[i]);
    for (const auto name : names) slots.erase(name);
    EXPECT_EQ(slots.size(), 0U);
    names.clear();
  }
}

}  // namespace
}  // namespace naru::test
