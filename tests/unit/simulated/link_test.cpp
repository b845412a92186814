#include "engine/simulated/link.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <naru/bytes.hpp>

namespace naru::engine::simulated {
namespace {

/// A link whose client can have 10 bytes on their way, and its server 5.
class link_test : public testing::Test {
 protected:
  link_test() {
    link_.attach(side::client, at_client_);
    link_.attach(side::server, at_server_);
    at_client_.kicked = at_server_.kicked = false;
  }

  std::string read_all(side which) {
    const auto bytes = link_.read(which, link_.readable(which));
    return std::string{as_text(bytes)};
  }

  signal at_client_;
  signal at_server_;
  link link_{{.address = endpoint::loopback_ipv4(1), .pipe_bytes = 10},
             {.address = endpoint::loopback_ipv4(2), .pipe_bytes = 5}};
};

TEST_F(link_test, bytes_arrive_in_order_and_take_room_until_they_are_read) {
  link_.write(side::client, as_bytes("abc"));
  link_.write(side::client, as_bytes("defg"));
  EXPECT_EQ(link_.room(side::client), 3U);
  EXPECT_EQ(link_.room(side::server), 5U);
  EXPECT_EQ(as_text(link_.read(side::server, 2)), "ab");
  EXPECT_EQ(link_.room(side::client), 5U);
  link_.write(side::client, as_bytes("hijkl"));
  EXPECT_EQ(read_all(side::server), "cdefghijkl");
  EXPECT_EQ(link_.room(side::client), 10U);
}

TEST_F(link_test, whoever_is_concerned_is_told) {
  link_.write(side::client, as_bytes("x"));
  EXPECT_TRUE(at_server_.kicked);
  EXPECT_FALSE(at_client_.kicked);
  EXPECT_EQ(read_all(side::server), "x");
  EXPECT_TRUE(at_client_.kicked) << "there is room again";
}

TEST_F(link_test, the_end_comes_behind_the_bytes) {
  link_.write(side::server, as_bytes("last"));
  link_.shutdown(side::server);
  EXPECT_FALSE(link_.at_end(side::client));
  EXPECT_EQ(read_all(side::client), "last");
  EXPECT_TRUE(link_.at_end(side::client));
  EXPECT_FALSE(link_.at_end(side::server));
}

TEST_F(link_test, an_orderly_close_leaves_what_was_written) {
  link_.write(side::client, as_bytes("bye"));
  link_.close(side::client, close_mode::orderly);
  EXPECT_EQ(read_all(side::server), "bye");
  EXPECT_TRUE(link_.at_end(side::server));
  EXPECT_FALSE(link_.is_reset(side::server));
}

TEST_F(link_test, a_close_with_unread_input_resets_and_loses_what_was_written) {
  link_.write(side::server, as_bytes("sent"));
  link_.write(side::client, as_bytes("more"));
  link_.close(side::server, close_mode::orderly);
  EXPECT_TRUE(link_.is_reset(side::client));
  EXPECT_EQ(link_.readable(side::client), 0U);
}

TEST_F(link_test, a_reset_loses_what_was_written) {
  link_.write(side::client, as_bytes("lost"));
  at_server_.kicked = false;
  link_.close(side::client, close_mode::reset);
  EXPECT_TRUE(link_.is_reset(side::server));
  EXPECT_EQ(link_.readable(side::server), 0U);
  EXPECT_TRUE(at_server_.kicked);
}

TEST_F(link_test, writing_to_an_end_that_is_closed_is_answered_by_a_reset) {
  link_.close(side::server, close_mode::orderly);
  EXPECT_FALSE(link_.is_reset(side::client));
  EXPECT_GT(link_.room(side::client), 10U) << "who sends does not know";
  link_.write(side::client, as_bytes("anybody there, at all?"));
  EXPECT_TRUE(link_.is_reset(side::client));
}

TEST_F(link_test, an_end_that_is_closed_is_not_told_of_anything) {
  link_.close(side::client, close_mode::orderly);
  at_client_.kicked = false;
  link_.write(side::server, as_bytes("late"));
  link_.close(side::server, close_mode::reset);
  EXPECT_FALSE(at_client_.kicked);
}

}  // namespace
}  // namespace naru::engine::simulated
