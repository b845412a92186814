#include "protocol/held_bytes.hpp"

#include <gmock/gmock.h>

#include "counted_memory.hpp"

namespace naru::protocol::test {
namespace {

TEST(held_bytes, holds_nothing_at_first_and_costs_one_pointer) {
  const held_bytes held;
  EXPECT_TRUE(held.empty());
  EXPECT_TRUE(held.view().empty());
  EXPECT_EQ(held.capacity_bytes(), 0U);
  EXPECT_EQ(sizeof held, sizeof(void*));
}

TEST(held_bytes, appending_nothing_takes_no_memory) {
  held_bytes held;
  const counted_memory memory{0};
  EXPECT_TRUE(held.append({}, 0));
  EXPECT_EQ(held.capacity_bytes(), 0U);
}

TEST(held_bytes, grows_by_doubling_and_never_past_what_is_wanted) {
  held_bytes held;
  const std::string more(40, 'x');
  ASSERT_TRUE(held.append(as_bytes(more), 100));
  EXPECT_EQ(held.capacity_bytes(), 40U);
  ASSERT_TRUE(held.append(as_bytes(more).first(1), 100));
  EXPECT_EQ(held.capacity_bytes(), 80U);
  ASSERT_TRUE(held.append(as_bytes(more), 100));
  EXPECT_EQ(held.capacity_bytes(), 82U);
  ASSERT_TRUE(held.append(as_bytes(more).first(2), 100));
  EXPECT_EQ(held.capacity_bytes(), 100U);
  EXPECT_EQ(as_text(held.view()), std::string(83, 'x'));
}

TEST(held_bytes, drops_from_the_front_and_gives_memory_back_when_told) {
  held_bytes held;
  ASSERT_TRUE(held.append(as_bytes(std::string(1000, 'x') + "rest"), 0));
  const bytes_view all = held.view();
  held.drop_front(1000);
  EXPECT_EQ(as_text(held.view()), "rest");
  EXPECT_EQ(as_text(all.first(2)), "xx") << "what was dropped is readable until something changes";
  held.fit();
  EXPECT_EQ(as_text(held.view()), "rest");
  EXPECT_EQ(held.capacity_bytes(), held_bytes::first_bytes);
  ASSERT_TRUE(held.append(as_bytes(" and more"), 0));
  EXPECT_EQ(as_text(held.view()), "rest and more");
  held.drop_front(13);
  held.fit();
  EXPECT_EQ(held.capacity_bytes(), 0U);
}

TEST(held_bytes, appends_behind_a_dropped_front) {
  held_bytes held;
  ASSERT_TRUE(held.append(as_bytes("0123456789abcdefghijklmnopqrstuv"), 0));
  held.drop_front(30);
  ASSERT_TRUE(held.append(as_bytes("wxyz"), 0));
  EXPECT_EQ(as_text(held.view()), "uvwxyz");
  EXPECT_EQ(held.capacity_bytes(), held_bytes::first_bytes);
}

TEST(held_bytes, without_memory_nothing_changes) {
  held_bytes held;
  ASSERT_TRUE(held.append(as_bytes(std::string(100, 'x')), 0));
  held.drop_front(90);
  const counted_memory memory{0};
  EXPECT_FALSE(held.append(as_bytes("y"), 0));
  EXPECT_EQ(as_text(held.view()), std::string(10, 'x'));
  held.fit();
  EXPECT_EQ(as_text(held.view()), std::string(10, 'x'));
}

TEST(held_bytes, moves) {
  held_bytes held;
  ASSERT_TRUE(held.append(as_bytes("held"), 0));
  held_bytes other{std::move(held)};
  EXPECT_EQ(as_text(other.view()), "held");
  held_bytes third;
  third = std::move(other);
  EXPECT_EQ(as_text(third.view()), "held");
}

}  // namespace
}  // namespace naru::protocol::test
