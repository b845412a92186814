// Each operation on datagrams fails when it is told to, as often as it is told to, and nothing else does.

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/simulated/faults.hpp"
#include "support/seam_bench.hpp"

namespace naru::engine::simulated {
namespace {

const std::error_code failure = std::make_error_code(std::errc::io_error);

class datagram_faults : public testing::TestWithParam<test::engine_under_test>, public test::seam_bench {
 protected:
  datagram_faults() : seam_bench{GetParam().make()} {}
  void fail_next(operation what, unsigned count = 1) {
    environment().world().fail_next(what, failure, count);
  }
  unsigned remaining(operation what) { return environment().world().faults().remaining(what); }
};

INSTANTIATE_TEST_SUITE_P(engines, datagram_faults, testing::ValuesIn(test::simulated_engines()),
                         test::engine_name{});

TEST_P(datagram_faults, bind) {
  fail_next(operation::bind);
  EXPECT_EQ(server_platform().bind_datagrams(environment().bind_address(), {}, 3).error(), failure);
  EXPECT_TRUE(server_platform().bind_datagrams(environment().bind_address(), {}, 3));
}

TEST_P(datagram_faults, share_closes_the_socket) {
  auto bound = server_platform().bind_datagrams(environment().bind_address(), {}, 2).value();
  test::seam_datagram_peer peer{chance()};
  for (raw_socket& socket : bound.sockets) {
    EXPECT_FALSE(server_platform().bind_datagrams(bound.local, {}, 1));
    fail_next(operation::open_datagrams);
    EXPECT_EQ(server_engine().share(std::move(socket), {}, peer).error(), failure);
  }
  EXPECT_TRUE(server_platform().bind_datagrams(bound.local, {}, 1));
}

TEST_P(datagram_faults, connect) {
  const endpoint to = share(server_engine()).local();
  fail_next(operation::open_datagrams);
  test::seam_datagram_peer peer{chance()};
  EXPECT_EQ(client_engine().connect(to, {}, peer).error(), failure);
  EXPECT_EQ(connect_datagrams(to).received().size(), 0U);
}

TEST_P(datagram_faults, connect_to_where_no_way_leads) {
  test::seam_datagram_peer peer{chance()};
  const endpoint nowhere{endpoint::ipv4_bytes{10, 0, 0, 1}, 80};
  EXPECT_EQ(client_engine().connect(nowhere, {}, peer).error(), std::errc::network_unreachable);
}

TEST_P(datagram_faults, send_fails_for_as_many_as_it_is_told) {
  test::seam_datagram_peer& server = share(server_engine());
  test::seam_datagram_peer& client = connect_datagrams(server.local());
  fail_next(operation::send_datagram, 2);
  for (const char* const text : {"first", "second", "third", "fourth"}) client.send(text);
  ASSERT_TRUE(turn_until([&] { return server.received().size() == 2; }));
  EXPECT_EQ(server.received_texts(), (std::vector<std::string>{"third", "fourth"}));
  ASSERT_EQ(client.refused().size(), 2U);
  EXPECT_EQ(client.refused().back().error, failure);
  EXPECT_EQ(client.refused().back().text, "second");
}

TEST_P(datagram_faults, a_failure_says_how_many_went_before_it) {
  test::seam_datagram_peer& server = share(server_engine());
  test::seam_datagram_peer& client = connect_datagrams(server.local());
  const std::string large(70'000, 'x');
  const std::array<departure, 3> batch{departure{}, departure{.bytes = as_bytes(large)}, departure{}};
  std::size_t taken = 0;
  datagrams_sent answer;
  while (answer.state != datagrams_sent::status::failed && taken < batch.size()) {
    answer = client.send_now(std::span{batch}.subspan(taken));
    taken += answer.count;
  }
  EXPECT_EQ(answer.error, std::errc::message_size);
  EXPECT_EQ(taken, 1U);
  EXPECT_TRUE(turn_until([&] { return server.received().size() == 1; }));
}

TEST_P(datagram_faults, receive_fails_and_the_socket_goes_on) {
  test::seam_datagram_peer& server = share(server_engine());
  turn_for_a_while();
  fail_next(operation::receive_datagram, 2);
  ASSERT_TRUE(turn_until([&] { return server.errors().size() == 2; }));
  EXPECT_EQ(server.errors().back().error, failure);
  EXPECT_EQ(server.errors().back().remote.family(), address_family::none);
  EXPECT_EQ(remaining(operation::receive_datagram), 0U);
  test::seam_datagram_peer& client = connect_datagrams(server.local());
  client.send("after all");
  EXPECT_TRUE(turn_until([&] { return server.received().size() == 1; }));
}

TEST_P(datagram_faults, fill_random) {
  std::array<std::byte, 4> place = {};
  fail_next(operation::fill_random);
  EXPECT_EQ(server_platform().fill_random(place), failure);
  EXPECT_FALSE(server_platform().fill_random(place));
}

}  // namespace
}  // namespace naru::engine::simulated
