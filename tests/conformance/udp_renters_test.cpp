// R2.4, R3.2, R6.1, R6.6: what the connections of a UDP listener are, and what their users can do with them.

#include <memory>
#include <string>
#include <vector>

#include "support/udp_test.hpp"

namespace naru::test {
namespace {

class udp_renters : public udp_test {};

INSTANTIATE_TEST_SUITE_P(engines, udp_renters, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(udp_renters, R2_4_on_connected_comes_before_the_message_that_made_the_renter) {
  diary seen;
  const endpoint where = lease(
      {}, {.connected = [&](connection&) { seen.note("connected"); },
           .received = [&](connection&, bytes_view message) { seen.note(std::string{as_text(message)}); }});
  const auto mine = connect_udp(where);
  ASSERT_TRUE(mine->send("hello"));
  ASSERT_TRUE(mine->send("again"));
  ASSERT_TRUE(at_server_.received(2));
  EXPECT_THAT(seen.lines(), testing::ElementsAre("connected", "hello", "again"));
}

TEST_P(udp_renters, R2_4_closing_in_on_connected_refuses_the_peer) {
  const endpoint where = lease({}, {.connected = [](connection& peer) { peer.close(); }});
  const auto mine = connect_udp(where);
  ASSERT_TRUE(mine->send("refused"));
  ASSERT_TRUE(at_server_.closed());
  EXPECT_TRUE(at_server_.at().messages.empty());
  EXPECT_EQ(*at_server_.at().closed, close_cause::local);
  EXPECT_EQ(server().stats().messages_received, 0U);
  EXPECT_TRUE(eventually([this] { return server().stats().closed_by(close_cause::local) == 1; }));
  EXPECT_FALSE(mine->is_closed()) << "the peer is not told";
}

TEST_P(udp_renters, R6_1_what_on_connected_sends_goes_at_once_as_far_as_the_peer_has_sent) {
  // The peer has sent five bytes when its connection is made, so that three times as many may go to it.
  const endpoint where = lease({}, {.connected = [](connection& peer) { EXPECT_TRUE(peer.send("hi")); }});
  const auto mine = connect_udp(where);
  ASSERT_TRUE(mine->send("hello"));
  ASSERT_TRUE(at_client_.received(1)) << "without another datagram of its own";
  EXPECT_EQ(at_client_.at().stream(), "hi");
}

TEST_P(udp_renters, R3_4_handlers_are_exchanged_for_one_renter_alone) {
  const endpoint where = lease({}, {.received = [this](connection& peer, bytes_view message) {
                                 if (as_text(message) != "login") return;
                                 EXPECT_TRUE(peer.exchange_handlers(at_server_.make_handlers(echo())));
                               }});
  const auto in_game = connect_udp(where);
  const auto stranger = connect_udp(where);
  ASSERT_TRUE(in_game->send("login"));
  ASSERT_TRUE(at_server_.received(1));
  ASSERT_TRUE(stranger->send("not logged in"));
  ASSERT_TRUE(at_server_.received(2));
  ASSERT_TRUE(in_game->send("echo this"));
  ASSERT_TRUE(at_client_.received(1));
  for (const record& each : at_client_.all()) EXPECT_EQ(each.stream(), "echo this");
  EXPECT_EQ(error_of(at_server_.shell()->exchange_handlers(handlers{})), errc::not_in_handler);
}

TEST_P(udp_renters, R6_2_what_is_attached_lives_as_long_as_the_renter) {
  const auto object = std::make_shared<std::string>("player");
  const endpoint where = lease({}, {.connected = [&](connection& peer) { peer.attach(object); },
                                    .closed =
                                        [](connection& peer, close_reason) {
                                          EXPECT_NE(peer.attached<std::string>(), nullptr)
                                              << "still in on_closed";
                                        }});
  const link pair = open_pair(where);
  ASSERT_EQ(pair.server->attached<std::string>(), object);
  EXPECT_EQ(pair.server->attached<int>(), nullptr);
  pair.server->close();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_TRUE(eventually([&] { return object.use_count() == 1; }));
  EXPECT_EQ(pair.server->attached<std::string>(), nullptr);
}

TEST_P(udp_renters, R4_5_a_posted_task_runs_as_a_handler_of_its_renter) {
  const link pair = open_pair();
  ASSERT_TRUE(pair.client->send("out of probation"));
  ASSERT_TRUE(at_server_.received(2));
  ASSERT_TRUE(pair.server->send("1"));
  ASSERT_TRUE(pair.server->post([this](connection& peer) {
    EXPECT_TRUE(peer.send("2"));
    EXPECT_TRUE(peer.exchange_handlers(at_server_.make_handlers())) << "as in a handler";
    peer.close();
  }));
  ASSERT_TRUE(at_client_.received(2));
  EXPECT_THAT(at_client_.at().messages, testing::ElementsAre("1", "2"));
}

TEST_P(udp_renters, R3_1_both_ends_count_what_they_send_and_receive) {
  const link pair = open_pair();  // sends five bytes
  std::size_t bytes = 5;
  std::size_t messages = 1;
  for (const std::size_t size : {0UL, 1UL, 100UL, 1'400UL}) {
    ASSERT_TRUE(pair.client->send(pattern(size)));
    bytes += size;
    ++messages;
  }
  ASSERT_TRUE(at_server_.received(messages));
  ASSERT_TRUE(pair.server->send("seven b"));
  ASSERT_TRUE(at_client_.received(1));
  ASSERT_TRUE(eventually([&] {
    return pair.client->stats().messages_sent == messages && pair.server->stats().messages_sent == 1;
  }));
  const connection_stats mine = pair.client->stats();
  const connection_stats theirs = pair.server->stats();
  EXPECT_EQ(mine.bytes_sent, bytes) << "there is no framing";
  EXPECT_EQ(mine.bytes_received, 7U);
  EXPECT_EQ(mine.messages_received, 1U);
  EXPECT_EQ(mine.backlog_bytes, 0U);
  EXPECT_GE(mine.backlog_bytes_highest, 1'400U);
  EXPECT_EQ(theirs.bytes_received, bytes);
  EXPECT_EQ(theirs.messages_received, messages);
  EXPECT_EQ(theirs.bytes_sent, 7U);
  const network_stats sums = server().stats();
  EXPECT_EQ(sums.bytes_received, bytes);
  EXPECT_EQ(sums.messages_received, messages);
  EXPECT_EQ(sums.bytes_sent, 7U);
  EXPECT_EQ(sums.messages_sent, 1U);
  EXPECT_EQ(sums.accepted, 1U);
  EXPECT_EQ(sums.open, 1U);
  EXPECT_EQ(client().stats().connected, 1U);
}

TEST_P(udp_renters, R6_4_the_same_address_comes_back_as_another_connection) {
  const link pair = open_pair();
  const connection_id first = pair.server->id();
  pair.server->close();
  ASSERT_TRUE(at_server_.closed());
  ASSERT_TRUE(pair.client->send("back"));
  ASSERT_TRUE(at_server_.received(2));
  EXPECT_NE(at_server_.at(1).id, first);
  EXPECT_THAT(at_server_.at(1).messages, testing::ElementsAre("back"));
  EXPECT_EQ(at_server_.shell(1)->remote_endpoint(), pair.client->local_endpoint());
  EXPECT_EQ(server().stats().accepted, 2U);
}

TEST_P(udp_renters, R2_5_the_port_is_free_when_on_listener_closed_comes) {
  const endpoint where = lease();
  const socket_id id = leased_socket();
  const link pair = open_pair(where);
  ASSERT_TRUE(server().close(id));
  ASSERT_TRUE(at_server_.listener_closed(id));
  EXPECT_EQ(*at_server_.at().closed, close_cause::lessor_closed) << "which had its on_closed by then";
  EXPECT_EQ(lease(client(), where), where);
}

TEST_P(udp_renters, R3_1_answers_leave_from_the_address_that_was_written_to) {
  if (const auto why = environment_->why_no_address_to_send_from_is_named(); !why.empty())
    GTEST_SKIP() << why;
  const endpoint any = lease(server(), endpoint::any_ipv4(0), {}, echo());
  const endpoint other{endpoint::ipv4_bytes{127, 0, 0, 2}, any.port()};
  // A connected socket takes datagrams from its peer's address only.
  const auto one = connect_udp(endpoint::loopback_ipv4(any.port()));
  const auto two = connect_udp(other);
  ASSERT_TRUE(one->send("one"));
  ASSERT_TRUE(two->send("two"));
  ASSERT_TRUE(at_client_.received(2));
  ASSERT_EQ(at_server_.all().size(), 2U);
  for (const auto& renter : at_server_.shells()) {
    const bool is_one = renter->remote_endpoint() == one->local_endpoint();
    EXPECT_EQ(renter->local_endpoint(), is_one ? endpoint::loopback_ipv4(any.port()) : other);
  }
}

}  // namespace
}  // namespace naru::test
