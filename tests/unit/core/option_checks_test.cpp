#include "core/option_checks.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace naru::core {
namespace {

using std::chrono::milliseconds;

TEST(OptionChecks, DefaultsAreFine) {
  EXPECT_FALSE(check(tcp, connection_options{}));
  EXPECT_FALSE(check(tcp, listen_options{}));
  EXPECT_FALSE(check(tcp, connect_options{}));
}

TEST(OptionChecks, AMessageMustFitIntoTheBacklogWithItsFraming_R5_3) {
  EXPECT_FALSE(check(tcp, connection_options{.max_message_bytes = 96, .backlog_bytes_max = 100}));
  EXPECT_EQ(check(tcp, connection_options{.max_message_bytes = 97, .backlog_bytes_max = 100}),
            errc::message_above_backlog);
}

TEST(OptionChecks, LimitsOfZeroAreRefused) {
  EXPECT_EQ(check(tcp, connection_options{.max_message_bytes = 0}), errc::zero_limit);
  EXPECT_EQ(check(tcp, listen_options{.accept_queue_max = 0}), errc::zero_limit);
}

TEST(OptionChecks, DurationsBelowZeroAreRefused) {
  EXPECT_EQ(check(tcp, connection_options{.linger_timeout = milliseconds{-1}}), errc::negative_duration);
  EXPECT_EQ(check(tcp, connect_options{.connect_timeout = milliseconds{-1}}), errc::negative_duration);
  EXPECT_FALSE(check(tcp, connect_options{.connect_timeout = milliseconds{0}}));
}

TEST(OptionChecks, WhatIsWrongInsideIsFoundFromOutside) {
  const connection_options bad{.frames = framing::length_prefix(3)};
  EXPECT_EQ(check(tcp, listen_options{.connection = bad}), errc::invalid_prefix_width);
  EXPECT_EQ(check(tcp, connect_options{.connection = bad}), errc::invalid_prefix_width);
}

TEST(OptionChecks, ADatagramHasALargestSize) {
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{65'508}, std::size_t{1} << 40}) {
    EXPECT_EQ(check(udp, connection_options{.udp = {.max_datagram_bytes = bytes}}), errc::datagram_limit);
    EXPECT_FALSE(check(tcp, connection_options{.udp = {.max_datagram_bytes = bytes}})) << "TCP ignores it";
  }
  EXPECT_FALSE(check(udp, connection_options{.udp = {.max_datagram_bytes = 1}}));
  EXPECT_FALSE(check(udp, connection_options{.udp = {.max_datagram_bytes = 65'507}}));
}

TEST(OptionChecks, ADatagramMustFitIntoTheBacklogAndCountsAs64Bytes) {
  const auto options = [](std::size_t datagram_bytes, std::size_t backlog_bytes) {
    return connection_options{.backlog_bytes_max = backlog_bytes,
                              .udp = {.max_datagram_bytes = datagram_bytes}};
  };
  EXPECT_FALSE(check(udp, options(1'000, 1'000)));
  EXPECT_EQ(check(udp, options(1'000, 999)), errc::message_above_backlog);
  EXPECT_FALSE(check(udp, options(1, 64)));
  EXPECT_EQ(check(udp, options(1, 63)), errc::message_above_backlog);
}

TEST(OptionChecks, UdpLooksAtItsOwnLimitsAndDurations) {
  EXPECT_FALSE(check(udp, listen_options{.accept_queue_max = 0}));
  EXPECT_EQ(check(udp, listen_options{.admission = {.max_connections = 0}}), errc::zero_limit);
  EXPECT_EQ(check(udp, listen_options{.strangers = {.probation_max = 0}}), errc::zero_limit);
  EXPECT_EQ(check(tcp, listen_options{.admission = {.max_connections = 0}}), errc::zero_limit);
  EXPECT_FALSE(check(tcp, listen_options{.strangers = {.probation_max = 0}}));
  EXPECT_EQ(check(udp, connection_options{.max_message_bytes = 0}), errc::zero_limit);
  EXPECT_EQ(check(udp, connection_options{.udp = {.idle_timeout = milliseconds{-1}}}),
            errc::negative_duration);
  EXPECT_EQ(check(udp, connection_options{.linger_timeout = milliseconds{-1}}), errc::negative_duration);
  EXPECT_EQ(check(udp, connect_options{.connect_timeout = milliseconds{-1}}), errc::negative_duration);
}

TEST(OptionChecks, WatermarksStandOneAboveTheOtherAndBelowTheLimit_R4_2) {
  const auto marks = [](std::size_t high, std::size_t low, backlog_policy policy = backlog_policy::refuse) {
    return connection_options{.max_message_bytes = 96,
                              .backlog_bytes_max = 1000,
                              .when_backlog_full = policy,
                              .backlog_high_bytes = high,
                              .backlog_low_bytes = low,
                              .udp = {.max_datagram_bytes = 96}};
  };
  for (const transport over : {tcp, udp}) {
    EXPECT_FALSE(check(over, marks(0, 0)));
    EXPECT_FALSE(check(over, marks(1, 0)));
    EXPECT_FALSE(check(over, marks(1000, 999)));
    EXPECT_EQ(check(over, marks(1001, 0)), errc::watermarks_crossed);
    EXPECT_EQ(check(over, marks(500, 500)), errc::watermarks_crossed);
    EXPECT_EQ(check(over, marks(0, 1)), errc::watermarks_crossed) << "there is no high one";
    EXPECT_FALSE(check(over, marks(0, 499, backlog_policy::pause_reading))) << "it stands for half";
    EXPECT_EQ(check(over, marks(0, 500, backlog_policy::pause_reading)), errc::watermarks_crossed);
  }
}

TEST(OptionChecks, NoDurationOfAWatchIsBelowZero) {
  constexpr milliseconds below{-1};
  for (const transport over : {tcp, udp}) {
    for (const connection_options& bad :
         {connection_options{.backlog_age_max = below}, connection_options{.flush_interval = below},
          connection_options{.idle_timeout = below}, connection_options{.write_stall_timeout = below},
          connection_options{.message_timeout = below}, connection_options{.unacknowledged_timeout = below},
          connection_options{.keep_alive = {.after = std::chrono::seconds{-1}}},
          connection_options{.keep_alive = {.interval = std::chrono::seconds{-1}}}}) {
      EXPECT_EQ(check(over, bad), errc::negative_duration);
    }
  }
}

TEST(OptionChecks, ATickHasAnInterval) {
  EXPECT_EQ(check(tcp, connection_options{.flush = flush_policy::tick, .flush_interval = {}}),
            errc::zero_limit);
  EXPECT_FALSE(
      check(tcp, connection_options{.flush = flush_policy::tick, .flush_interval = milliseconds{1}}));
  EXPECT_FALSE(check(tcp, connection_options{.flush_interval = {}})) << "nobody asks for it";
}

TEST(OptionChecks, MemoryHasALowestLimit) {
  EXPECT_FALSE(check(network_options{}));
  EXPECT_FALSE(check(network_options{.memory_max = 1 << 20}));
  EXPECT_EQ(check(network_options{.memory_max = (1 << 20) - 1}), errc::memory_max_too_small);
  EXPECT_EQ(check(network_options{.memory_max = 1}), errc::memory_max_too_small);
}

}  // namespace
}  // namespace naru::core
