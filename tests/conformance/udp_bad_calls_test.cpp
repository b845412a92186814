// R2.3, R2.6, R2.7, R5.3: each call that is wrong says what is wrong, and changes nothing.

#include <limits>
#include <string>
#include <vector>

#include "support/udp_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class udp_bad_calls : public udp_test {};

INSTANTIATE_TEST_SUITE_P(engines, udp_bad_calls, testing::ValuesIn(all_engines()), engine_name{});

struct bad_options {
  connection_options options;
  errc expected;
  const char* what;
};

std::vector<bad_options> all_bad_options() {
  return {
      {{.udp = {.max_datagram_bytes = 0}}, errc::datagram_limit, "no datagram at all"},
      {{.udp = {.max_datagram_bytes = 65'508}}, errc::datagram_limit, "by one byte"},
      {{.udp = {.max_datagram_bytes = std::numeric_limits<std::size_t>::max()}},
       errc::datagram_limit,
       "huge"},
      {{.max_message_bytes = 0}, errc::zero_limit, "max_message_bytes"},
      {{.linger_timeout = -1ms}, errc::negative_duration, "linger_timeout"},
      {{.udp = {.idle_timeout = -1ms}}, errc::negative_duration, "idle_timeout"},
      {{.backlog_bytes_max = 65'506}, errc::message_above_backlog, "a backlog without room for the largest"},
      {{.backlog_bytes_max = 63, .udp = {.max_datagram_bytes = 1}}, errc::message_above_backlog, "for one"},
  };
}

TEST_P(udp_bad_calls, R5_3_contradicting_options_are_refused_when_they_are_set) {
  const socket_id id = server().bind(udp, environment_->bind_address()).value();
  const endpoint where = server().local_endpoint(id).value();
  for (const bad_options& bad : all_bad_options()) {
    EXPECT_EQ(error_of(server().listen(id, handlers{}, {.connection = bad.options})), bad.expected)
        << bad.what;
    EXPECT_EQ(error_of(client().connect(udp, where, handlers{}, {.connection = bad.options})), bad.expected)
        << bad.what;
  }
  EXPECT_EQ(error_of(server().listen(id, handlers{}, {.admission = {.max_connections = 0}})),
            errc::zero_limit);
  EXPECT_EQ(error_of(server().listen(id, handlers{}, {.strangers = {.probation_max = 0}})), errc::zero_limit);
  EXPECT_EQ(error_of(client().connect(udp, where, handlers{}, {.connect_timeout = -1ms})),
            errc::negative_duration);

  ASSERT_TRUE(server().listen(id, at_server_.make_handlers())) << "after refused options it stays bound";
  ASSERT_TRUE(connect_udp(where)->send("hello"));
  EXPECT_TRUE(at_server_.received(1));
  EXPECT_EQ(client().stats().open, 1U) << "a refused connect leaves nothing behind";
}

TEST_P(udp_bad_calls, R5_3_framing_is_not_looked_at) {
  const connection_options odd{.frames = framing::length_prefix(3)};
  const link pair = open_pair(lease({.connection = odd}), {.connection = odd});
  EXPECT_EQ(at_server_.at().stream(), "first");
}

TEST_P(udp_bad_calls, R2_3_an_address_is_bound_once) {
  for (const bool one_socket : {false, true}) {
    const bind_options options{.one_socket = one_socket};
    const socket_id bound = server().bind(udp, environment_->bind_address(), options).value();
    const endpoint where = server().local_endpoint(bound).value();
    EXPECT_EQ(error_of(server().bind(udp, where, options)), std::errc::address_in_use);
    EXPECT_EQ(error_of(client().bind(udp, where, options)), std::errc::address_in_use);
    ASSERT_TRUE(server().close(bound));
    EXPECT_TRUE(client().bind(udp, where, options)) << "without a listener it is free on return";
  }
}

TEST_P(udp_bad_calls, R2_3_an_address_is_bound_once_although_several_workers_share_it) {
  network& wide = start_network(3);
  const socket_id bound = wide.bind(udp, environment_->bind_address()).value();
  const endpoint where = wide.local_endpoint(bound).value();
  ASSERT_TRUE(wide.listen(bound, at_server_.make_handlers()));
  EXPECT_EQ(error_of(wide.bind(udp, where)), std::errc::address_in_use);
  EXPECT_EQ(error_of(client().bind(udp, where)), std::errc::address_in_use);
  network& other = start_network(2);
  EXPECT_EQ(error_of(other.bind(udp, where)), std::errc::address_in_use);
  ASSERT_TRUE(connect_udp(where)->send("not disturbed"));
  EXPECT_TRUE(at_server_.received(1));
}

TEST_P(udp_bad_calls, R2_3_tcp_and_udp_have_the_same_port_numbers_each) {
  const endpoint where = lease({}, echo());
  const socket_id stream = server().bind(tcp, where).value();
  recorder at_stream;
  ASSERT_TRUE(server().listen(stream, at_stream.make_handlers()));
  const auto datagrams = connect_udp(where);
  const auto bytes = connect(where).lock();
  ASSERT_TRUE(datagrams->send("by udp"));
  ASSERT_TRUE(bytes->send("by tcp"));
  ASSERT_TRUE(at_server_.received(1));
  ASSERT_TRUE(at_stream.received(1));
  EXPECT_EQ(at_server_.at().stream(), "by udp");
  EXPECT_EQ(at_stream.at().stream(), "by tcp");
  destroy_networks();
  at_stream.verify_ended();
}

TEST_P(udp_bad_calls, R2_4_a_socket_listens_once_and_unknown_ones_are_told) {
  const socket_id id = server().bind(udp, environment_->bind_address()).value();
  ASSERT_TRUE(server().listen(id, at_server_.make_handlers()));
  EXPECT_EQ(error_of(server().listen(id, handlers{})), errc::already_listening);
  ASSERT_TRUE(server().close(id));
  EXPECT_EQ(error_of(server().close(id)), errc::unknown_socket);
  EXPECT_EQ(error_of(server().listen(id, handlers{})), errc::unknown_socket);
  EXPECT_EQ(error_of(server().local_endpoint(id)), errc::unknown_socket);
  EXPECT_TRUE(at_server_.listener_closed(id));
}

TEST_P(udp_bad_calls, R2_6_connect_wants_a_host_and_a_port) {
  for (const char* text : {"", "localhost", "localhost:0", ":80", "localhost:65536", "[::1]:0"}) {
    EXPECT_EQ(error_of(client().connect(udp, text, handlers{})), errc::invalid_endpoint)
        << '"' << text << '"';
  }
  EXPECT_EQ(error_of(client().connect(udp, endpoint::loopback_ipv4(0), handlers{})), errc::invalid_endpoint);
  EXPECT_EQ(error_of(client().bind(udp, "localhost:0")), errc::address_needed);
  EXPECT_EQ(error_of(client().bind(udp, "192.0.2.1:0")), std::errc::address_not_available);
}

TEST_P(udp_bad_calls, R2_6_a_name_that_is_not_known_answers_with_the_reason) {
  at_client_.expect_connection();
  ASSERT_TRUE(client().connect(udp, "nowhere.invalid:80", at_client_.make_handlers()));
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::connect_failed);
  if (environment_->is_simulated()) {
    EXPECT_EQ(at_client_.at().closed->error, errc::name_not_found);
  } else {
    EXPECT_NE(at_client_.at().closed->error, std::error_code{}) << "as the system's resolver says it";
  }
}

TEST_P(udp_bad_calls, R2_6_a_name_is_looked_up) {
  const endpoint where = lease(server(), endpoint::any_ipv6(0), {}, echo());
  at_client_.expect_connection();
  const auto mine = client()
                        .connect(udp, "localhost:" + std::to_string(where.port()), at_client_.make_handlers())
                        .value()
                        .lock();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(mine->send(std::to_string(i)));
  ASSERT_TRUE(at_client_.received(10));
  EXPECT_EQ(at_client_.at().stream(), "0123456789");
  EXPECT_EQ(mine->remote_endpoint().port(), where.port());
}

}  // namespace
}  // namespace naru::test
