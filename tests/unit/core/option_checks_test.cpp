#include "core/option_checks.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace naru::core {
namespace {

using std::chrono::milliseconds;

TEST(OptionChecks, DefaultsAreFine) {
  EXPECT_FALSE(check(connection_options{}));
  EXPECT_FALSE(check(listen_options{}));
  EXPECT_FALSE(check(connect_options{}));
}

TEST(OptionChecks, AMessageMustFitIntoTheBacklogWithItsFraming_R5_3) {
  EXPECT_FALSE(check(connection_options{.max_message_bytes = 96, .backlog_bytes_max = 100}));
  EXPECT_EQ(check(connection_options{.max_message_bytes = 97, .backlog_bytes_max = 100}),
            errc::message_above_backlog);
}

TEST(OptionChecks, LimitsOfZeroAreRefused) {
  EXPECT_EQ(check(connection_options{.max_message_bytes = 0}), errc::zero_limit);
  EXPECT_EQ(check(listen_options{.accept_queue_max = 0}), errc::zero_limit);
}

TEST(OptionChecks, DurationsBelowZeroAreRefused) {
  EXPECT_EQ(check(connection_options{.linger_timeout = milliseconds{-1}}), errc::negative_duration);
  EXPECT_EQ(check(connect_options{.connect_timeout = milliseconds{-1}}), errc::negative_duration);
  EXPECT_FALSE(check(connect_options{.connect_timeout = milliseconds{0}}));
}

TEST(OptionChecks, WhatIsWrongInsideIsFoundFromOutside) {
  const connection_options bad{.frames = framing::length_prefix(3)};
  EXPECT_EQ(check(listen_options{.connection = bad}), errc::invalid_prefix_width);
  EXPECT_EQ(check(connect_options{.connection = bad}), errc::invalid_prefix_width);
}

}  // namespace
}  // namespace naru::core
