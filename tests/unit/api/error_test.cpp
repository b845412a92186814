#include <map>
#include <set>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

#include <naru/error.hpp>

namespace {

using naru::errc;

constexpr int errc_count = 21;

TEST(error, each_has_a_message_of_its_own) {
  const std::string not_one = std::error_code{errc_count + 1, naru::error_category()}.message();
  std::set<std::string> messages = {not_one};
  for (int value = 1; value <= errc_count; ++value) {
    const std::string message = std::error_code{value, naru::error_category()}.message();
    EXPECT_GT(message.size(), 20U);
    EXPECT_TRUE(messages.insert(message).second) << value << ": " << message;
  }
}

// docs/errors.md promises these to users.
TEST(error, each_has_its_documented_condition) {
  const std::map<errc, std::errc> conditions = {
      {errc::closed, std::errc::not_connected},
      {errc::own_worker, std::errc::resource_deadlock_would_occur},
      {errc::not_polled, std::errc::operation_not_supported},
      {errc::invalid_endpoint, std::errc::invalid_argument},
      {errc::address_needed, std::errc::invalid_argument},
      {errc::unknown_socket, std::errc::bad_file_descriptor},
      {errc::message_above_backlog, std::errc::invalid_argument},
      {errc::zero_limit, std::errc::invalid_argument},
      {errc::invalid_prefix_width, std::errc::invalid_argument},
      {errc::codec_missing, std::errc::invalid_argument},
      {errc::negative_duration, std::errc::invalid_argument},
      {errc::message_too_large, std::errc::message_size},
      {errc::invalid_message, std::errc::invalid_argument},
      {errc::backlog_full, std::errc::no_buffer_space},
      {errc::not_in_handler, std::errc::operation_not_permitted},
      {errc::engine_unavailable, std::errc::not_supported},
      {errc::message_truncated, std::errc::bad_message},
  };
  for (int value = 1; value <= errc_count; ++value) {
    const std::error_code error{value, naru::error_category()};
    const auto documented = conditions.find(static_cast<errc>(value));
    if (documented == conditions.end()) {
      EXPECT_EQ(error.default_error_condition(), std::error_condition(value, naru::error_category()));
    } else {
      EXPECT_EQ(error, documented->second) << error.message();
    }
  }
}

TEST(error, compares_with_its_enumeration) {
  const std::error_code error = errc::backlog_full;
  EXPECT_EQ(error, errc::backlog_full);
  EXPECT_NE(error, errc::closed);
  EXPECT_NE(error, std::errc::not_connected);
  EXPECT_STREQ(error.category().name(), "naru");
}

TEST(error, values_are_stable) {
  EXPECT_EQ(static_cast<int>(errc::closed), 1);
  EXPECT_EQ(static_cast<int>(errc::zero_limit), 11);
  EXPECT_EQ(static_cast<int>(errc::message_truncated), errc_count);
}

}  // namespace
