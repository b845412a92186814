// R2.7: what goes wrong inside is logged.

#include <stdexcept>
#include <string>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

class logging : public network_test {
 protected:
  /// A handler that throws "ouch", in a network with such a log.
  void make_it_log(log_handler log, log_level threshold) {
    network& noisy = start_network({.workers = 1, .log = std::move(log), .log_threshold = threshold});
    const endpoint where = listen(noisy, at_server_.make_handlers({.received = [](connection&, bytes_view) {
      throw std::runtime_error{"ouch"};
    }}));
    ASSERT_TRUE(connect(where).lock()->send("throw"));
    ASSERT_TRUE(at_server_.closed());
    ASSERT_TRUE(at_client_.closed());
    destroy_networks();
  }
};

INSTANTIATE_TEST_SUITE_P(engines, logging, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(logging, the_hook_takes_whole_lines) {
  log_book book;
  make_it_log(book.handler(), log_level::debug);
  bool found = false;
  for (const log_book::line& line : book.lines()) {
    EXPECT_EQ(line.text.find('\n'), std::string::npos);
    EXPECT_FALSE(line.text.empty());
    EXPECT_LT(line.level, log_level::off);
    found = found || line.text.find("ouch") != std::string::npos;
  }
  EXPECT_TRUE(found) << "what the exception said";
}

TEST_P(logging, lines_below_the_threshold_are_not_made) {
  log_book book;
  make_it_log(book.handler(), log_level::error);
  for (const log_book::line& line : book.lines()) EXPECT_GE(line.level, log_level::error) << line.text;
}

TEST_P(logging, a_log_that_is_off_is_silent) {
  log_book book;
  make_it_log(book.handler(), log_level::off);
  EXPECT_TRUE(book.lines().empty());
}

TEST_P(logging, without_a_hook_warnings_go_to_the_standard_error) {
  testing::internal::CaptureStderr();
  {
    auto plain = make_network({.workers = 1});
    ASSERT_TRUE(plain->start());
    const endpoint where = listen(*plain, at_server_.make_handlers({.received = [](connection&, bytes_view) {
      throw std::runtime_error{"ouch"};
    }}));
    const auto mine = connect(where).lock();
    EXPECT_TRUE(mine->send("throw"));
    EXPECT_TRUE(at_server_.closed());
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("ouch"));
}

TEST_P(logging, a_quiet_life_logs_nothing) {
  const link pair = open_link();
  ASSERT_TRUE(pair.client->send("hello"));
  ASSERT_TRUE(at_server_.received(1));
  pair.client->close();
  ASSERT_TRUE(at_server_.closed());
  ASSERT_TRUE(at_client_.closed());
  destroy_networks();
  EXPECT_THAT(log_.lines(), testing::IsEmpty());
}

}  // namespace
}  // namespace naru::test
