// Errors of Windows are equal to the conditions that Linux gives for the same event, and keep their code and
// text.

#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/windows/text.hpp"
#include "engine/windows/windows_error.hpp"

namespace naru::engine {
namespace {

TEST(windows_errors, mean_what_they_mean_on_linux) {
  EXPECT_EQ(socket_error(WSAECONNREFUSED), std::errc::connection_refused);
  EXPECT_EQ(windows_error(ERROR_CONNECTION_REFUSED), std::errc::connection_refused);
  EXPECT_EQ(windows_error(ERROR_PORT_UNREACHABLE), std::errc::connection_refused);
  EXPECT_EQ(socket_error(WSAECONNRESET), std::errc::connection_reset);
  EXPECT_EQ(windows_error(ERROR_NETNAME_DELETED), std::errc::connection_reset);
  EXPECT_EQ(socket_error(WSAECONNABORTED), std::errc::connection_aborted);
  EXPECT_EQ(socket_error(WSAENETUNREACH), std::errc::network_unreachable);
  EXPECT_EQ(socket_error(WSAEHOSTUNREACH), std::errc::host_unreachable);
  EXPECT_EQ(windows_error(ERROR_HOST_UNREACHABLE), std::errc::host_unreachable);
  EXPECT_EQ(socket_error(WSAETIMEDOUT), std::errc::timed_out);
  EXPECT_EQ(windows_error(ERROR_SEM_TIMEOUT), std::errc::timed_out);
  EXPECT_EQ(socket_error(WSAEADDRINUSE), std::errc::address_in_use);
  EXPECT_EQ(socket_error(WSAEADDRNOTAVAIL), std::errc::address_not_available);
  EXPECT_EQ(socket_error(WSAEMSGSIZE), std::errc::message_size);
  EXPECT_EQ(socket_error(WSAENOBUFS), std::errc::no_buffer_space);
  EXPECT_EQ(socket_error(WSAEMFILE), std::errc::too_many_files_open);
  EXPECT_EQ(socket_error(WSAEACCES), std::errc::permission_denied);
  EXPECT_EQ(socket_error(WSAESHUTDOWN), std::errc::broken_pipe);
  EXPECT_EQ(socket_error(WSAEAFNOSUPPORT), std::errc::address_family_not_supported);
}

TEST(windows_errors, keep_their_code_and_text) {
  const std::error_code error = socket_error(WSAECONNRESET);
  EXPECT_EQ(error.value(), 10054);
  EXPECT_STREQ(error.category().name(), "windows");
  EXPECT_THAT(error.message(), testing::HasSubstr("(Windows error 10054)"));
  for (const int code : {WSAECONNRESET, WSAEADDRINUSE, WSAECONNREFUSED, WSAETIMEDOUT}) {
    EXPECT_THAT(socket_error(code).message(), testing::Not(testing::StartsWith("unknown"))) << code;
  }
}

TEST(windows_errors, what_is_in_no_table_is_itself) {
  const std::error_code error = windows_error(ERROR_DISK_FULL);
  EXPECT_EQ(error.default_error_condition(), std::error_condition(ERROR_DISK_FULL, windows_category()));
  EXPECT_NE(error, std::errc::connection_reset);
  EXPECT_THAT(windows_error(987'654).message(), testing::HasSubstr("987654"));
}

TEST(windows_text, goes_there_and_back) {
  for (const std::string_view text : {"", "plain", "나루 — \xF0\x9F\x9B\xB6"}) {
    EXPECT_EQ(to_utf8(to_wide(text)), text);
  }
  EXPECT_EQ(to_wide("\xEB\x82\x98"), L"\xB098");
  EXPECT_EQ(to_utf8(to_wide("a\xFFz")), "a\xEF\xBF\xBDz") << "what is malformed is marked";
}

}  // namespace
}  // namespace naru::engine
