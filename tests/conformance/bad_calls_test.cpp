// R2.7 and "Bad input": each call that is wrong says what is wrong, and changes nothing.

#include <functional>
#include <string>
#include <vector>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class bad_calls : public network_test {};

INSTANTIATE_TEST_SUITE_P(engines, bad_calls, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(bad_calls, bind_wants_an_address) {
  for (const char* text : {"", "nonsense", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                           "1.2.3:0", "[::1]", "::1:0:", "[::1:0", "127.0.0.1:80 "}) {
    EXPECT_EQ(error_of(server().bind(tcp, text)), errc::invalid_endpoint) << '"' << text << '"';
  }
  EXPECT_EQ(error_of(server().bind(tcp, "localhost:0")), errc::address_needed);
  EXPECT_EQ(error_of(server().bind(tcp, endpoint{})), errc::invalid_endpoint);
}

TEST_P(bad_calls, bind_reports_an_address_in_use) {
  const socket_id bound = server().bind(tcp, environment_->bind_address()).value();
  const endpoint where = server().local_endpoint(bound).value();
  EXPECT_EQ(error_of(server().bind(tcp, where)), std::errc::address_in_use) << "bound, not listening";
  EXPECT_EQ(error_of(client().bind(tcp, where)), std::errc::address_in_use) << "by another network";

  ASSERT_TRUE(server().listen(bound, at_server_.make_handlers()));
  EXPECT_EQ(error_of(client().bind(tcp, where)), std::errc::address_in_use) << "bound and listening";
  connect(where);
  EXPECT_TRUE(at_server_.connected()) << "the listener is not disturbed";
}

TEST_P(bad_calls, bind_reports_an_address_that_is_not_here) {
  EXPECT_EQ(error_of(server().bind(tcp, "192.0.2.1:0")), std::errc::address_not_available);
}

TEST_P(bad_calls, listen_and_close_want_a_socket_of_this_network) {
  const socket_id foreign = client().bind(tcp, environment_->bind_address()).value();
  for (const socket_id id : {foreign, socket_id{0}, socket_id{~std::uint64_t{0}}}) {
    EXPECT_EQ(error_of(server().listen(id, handlers{})), errc::unknown_socket);
    EXPECT_EQ(error_of(server().close(id)), errc::unknown_socket);
    EXPECT_EQ(error_of(server().local_endpoint(id)), errc::unknown_socket);
  }
}

TEST_P(bad_calls, listen_works_once) {
  const socket_id id = server().bind(tcp, environment_->bind_address()).value();
  ASSERT_TRUE(server().listen(id, at_server_.make_handlers()));
  EXPECT_EQ(error_of(server().listen(id, handlers{})), errc::already_listening);
  connect(server().local_endpoint(id).value());
  EXPECT_TRUE(at_server_.connected()) << "with the handlers of the first call";
}

struct bad_options {
  connection_options options;
  errc expected;
  const char* what;
};

std::vector<bad_options> all_bad_options() {
  return {
      {{.max_message_bytes = 1001, .backlog_bytes_max = 1004}, errc::message_above_backlog, "by one byte"},
      {{.frames = framing::raw(), .max_message_bytes = 1001, .backlog_bytes_max = 1000},
       errc::message_above_backlog,
       "raw"},
      {{.frames = framing::lines(), .max_message_bytes = 1000, .backlog_bytes_max = 1000},
       errc::message_above_backlog,
       "no room for the line feed"},
      {{.max_message_bytes = 0}, errc::zero_limit, "no message at all"},
      {{.frames = framing::length_prefix(0)}, errc::invalid_prefix_width, "0"},
      {{.frames = framing::length_prefix(3)}, errc::invalid_prefix_width, "3"},
      {{.frames = framing::length_prefix(8)}, errc::invalid_prefix_width, "8"},
      {{.frames = framing::custom(nullptr)}, errc::codec_missing, "custom framing without a codec"},
      {{.linger_timeout = -1ms}, errc::negative_duration, "linger_timeout"},
      {{.message_timeout = -1ms}, errc::negative_duration, "message_timeout"},
      {{.backlog_high_bytes = 100, .backlog_low_bytes = 100}, errc::watermarks_crossed, "watermarks"},
      {{.flush = flush_policy::tick, .flush_interval = 0ms}, errc::zero_limit, "no time between ticks"},
  };
}

TEST_P(bad_calls, R5_3_contradicting_options_are_refused_when_they_are_set) {
  const socket_id id = server().bind(tcp, environment_->bind_address()).value();
  const endpoint where = server().local_endpoint(id).value();
  for (const bad_options& bad : all_bad_options()) {
    EXPECT_EQ(error_of(server().listen(id, handlers{}, {.connection = bad.options})), bad.expected)
        << bad.what;
    const auto attempt = client().connect(tcp, where, handlers{}, {.connection = bad.options});
    EXPECT_EQ(error_of(attempt), bad.expected) << bad.what;
  }
  EXPECT_EQ(error_of(client().connect(tcp, where, handlers{}, {.connect_timeout = -1ms})),
            errc::negative_duration);

  ASSERT_TRUE(server().listen(id, at_server_.make_handlers()))
      << "after refused options the socket stays bound";
  connect(where);
  EXPECT_TRUE(at_server_.connected());
  EXPECT_EQ(client().stats().open, 1U) << "a refused connect leaves nothing behind";
}

TEST_P(bad_calls, R5_3_a_network_with_less_memory_than_its_workers_need_does_not_start) {
  network& little = add_network(network_options{.workers = 1, .memory_max = (1 << 20) - 1});
  EXPECT_EQ(error_of(little.start()), errc::memory_max_too_small);
}

TEST_P(bad_calls, R5_3_the_largest_message_that_fits_the_backlog_is_allowed) {
  const connection_options options{.max_message_bytes = 1000, .backlog_bytes_max = 1004};
  const link pair = open_link({.server = options, .client = options});
  const std::string message = pattern(1000);
  ASSERT_TRUE(pair.client->send(message));
  ASSERT_TRUE(at_server_.received(1));
  EXPECT_EQ(at_server_.at().stream(), message);
}

TEST_P(bad_calls, connect_wants_a_host_and_a_port) {
  for (const char* text : {"", "localhost", "localhost:", "localhost:0", ":80", "localhost:65536",
                           "localhost:x", "[::1]", "[::1]:0"}) {
    EXPECT_EQ(error_of(client().connect(tcp, text, handlers{})), errc::invalid_endpoint)
        << '"' << text << '"';
  }
  EXPECT_EQ(error_of(client().connect(tcp, endpoint{}, handlers{})), errc::invalid_endpoint);
  EXPECT_EQ(error_of(client().connect(tcp, endpoint::loopback_ipv4(0), handlers{})), errc::invalid_endpoint);
  EXPECT_EQ(client().stats().open, 0U);
}

TEST_P(bad_calls, every_error_has_a_message_of_its_own) {
  std::vector<std::string> seen;
  for (int value = static_cast<int>(errc::closed); value <= static_cast<int>(errc::engine_unavailable);
       ++value) {
    const std::string message = std::error_code{make_error_code(errc{value})}.message();
    EXPECT_FALSE(message.empty());
    EXPECT_THAT(seen, testing::Not(testing::Contains(message)));
    seen.push_back(message);
  }
  EXPECT_STRNE(error_category().name(), "");
}

}  // namespace
}  // namespace naru::test
