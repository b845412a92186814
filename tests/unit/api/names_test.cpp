#include <cstddef>
#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include <naru/close_reason.hpp>
#include <naru/log.hpp>

namespace {

TEST(close_cause, each_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < naru::close_cause_count; ++i) {
    const auto name = naru::to_string(static_cast<naru::close_cause>(i));
    EXPECT_NE(name, "unknown") << i;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  EXPECT_EQ(naru::to_string(static_cast<naru::close_cause>(naru::close_cause_count)), "unknown");
}

TEST(close_cause, names_are_those_of_the_enumeration) {
  EXPECT_EQ(naru::to_string(naru::close_cause::local), "local");
  EXPECT_EQ(naru::to_string(naru::close_cause::message_too_large), "message_too_large");
  EXPECT_EQ(naru::to_string(naru::close_cause::io), "io");
}

TEST(close_reason, compares_with_its_cause) {
  const naru::close_reason reason{.cause = naru::close_cause::reset, .error = {}};
  EXPECT_TRUE(reason == naru::close_cause::reset);
  EXPECT_FALSE(reason == naru::close_cause::local);
}

TEST(log_level, has_names) {
  EXPECT_EQ(naru::to_string(naru::log_level::debug), "debug");
  EXPECT_EQ(naru::to_string(naru::log_level::info), "info");
  EXPECT_EQ(naru::to_string(naru::log_level::warning), "warning");
  EXPECT_EQ(naru::to_string(naru::log_level::error), "error");
  EXPECT_EQ(naru::to_string(naru::log_level::off), "off");
}

}  // namespace
