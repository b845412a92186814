// R3.4, R6.4, R6.5: how the connections of UDP end, and that nothing comes after it.

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/udp_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class udp_closing : public udp_test {
 protected:
  /// Sends these while the server does nothing, so that they come in together where the engine does that.
  void send_together(connection& mine, const std::vector<std::string>& messages) {
    const auto sent = mine.stats().messages_sent + messages.size();
    for (const std::string& each : messages) ASSERT_TRUE(mine.send(each));
    ASSERT_TRUE(eventually([&] { return mine.stats().messages_sent == sent; }));
  }
};

INSTANTIATE_TEST_SUITE_P(engines, udp_closing, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(udp_closing, R6_4_a_successor_is_connected_after_the_end_of_the_former_renter) {
  network& polled = start_network(network_options{.workers = 0});
  diary seen;
  const endpoint where = lease(polled, environment_->bind_address(), {},
                               {.connected = [&](connection&) { seen.note("connected"); },
                                .received =
                                    [&](connection& peer, bytes_view message) {
                                      seen.note(std::string{as_text(message)});
                                      EXPECT_TRUE(peer.send(message));
                                      peer.close();
                                      EXPECT_TRUE(peer.is_closed()) << "from the call on";
                                    },
                                .closed = [&](connection&, close_reason) { seen.note("closed"); }});
  const auto mine = connect_udp(where);
  send_together(*mine, {"1", "2", "3"});
  ASSERT_TRUE(turn_until(polled, [&] { return server_closed_count() == 3; }));
  EXPECT_THAT(seen.lines(), testing::ElementsAre("connected", "1", "closed", "connected", "2", "closed",
                                                 "connected", "3", "closed"));
  // What was sent before a close has gone, unless the system had no room for it until the next one came.
  std::size_t lost = 0;
  for (const record& each : at_server_.all()) lost += each.closed->error ? 1 : 0;
  EXPECT_TRUE(at_client_.received(3 - lost));
  if (!environment_->is_simulated() || GetParam().name == "simulated_calm") {
    EXPECT_EQ(lost, 0U);
  }
}

TEST_P(udp_closing, R3_4_nothing_is_delivered_after_abort_to_the_same_renter) {
  network& polled = start_network(network_options{.workers = 0});
  const endpoint where =
      lease(polled, environment_->bind_address(), {}, {.received = [](connection& peer, bytes_view message) {
              if (as_text(message) == "abort") peer.abort();
            }});
  const auto mine = connect_udp(where);
  send_together(*mine, {"abort", "next"});
  ASSERT_TRUE(turn_until(polled, [&] {
    const auto all = at_server_.all();
    return all.size() == 2 && all[1].messages.size() == 1;
  }));
  EXPECT_THAT(at_server_.at(0).messages, testing::ElementsAre("abort"));
  EXPECT_EQ(*at_server_.at(0).closed, close_cause::local);
  EXPECT_THAT(at_server_.at(1).messages, testing::ElementsAre("next"));
}

TEST_P(udp_closing, R6_4_a_peer_that_is_ignored_does_not_come_back) {
  const endpoint where = lease({}, {.received = [](connection& peer, bytes_view) { peer.close(1h); }});
  const auto mine = connect_udp(where);
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(mine->send("let me in"));
  ASSERT_TRUE(eventually([&] { return server().stats().udp.strangers_refused == 5; }));
  EXPECT_EQ(at_server_.all().size(), 1U);
  EXPECT_EQ(server().stats().messages_received, 1U);

  const auto other = connect_udp(where);
  ASSERT_TRUE(other->send("of another address"));
  ASSERT_TRUE(at_server_.received(2)) << "only the address of that peer is ignored";
}

TEST_P(udp_closing, R3_4_close_and_abort_from_another_thread) {
  const endpoint where = lease();
  const link closed = open_pair(where);
  const link aborted = open_pair(where);
  closed.server->close();
  EXPECT_TRUE(closed.server->is_closed()) << "from the call on";
  EXPECT_EQ(error_of(closed.server->send("late")), errc::closed);
  aborted.server->abort();
  EXPECT_TRUE(aborted.server->is_closed());
  ASSERT_TRUE(at_server_.closed(2));
  for (const record& each : at_server_.all()) EXPECT_EQ(*each.closed, close_cause::local);
  EXPECT_EQ(error_of(closed.server->post([](connection&) {})), errc::closed);
  closed.server->close();
  closed.server->abort();
}

TEST_P(udp_closing, R3_4_a_close_follows_the_sends_that_happened_before_it) {
  const link pair = open_pair({.strangers = {.amplification_max = 0}});
  ASSERT_TRUE(pair.client->send("out of probation"));
  ASSERT_TRUE(at_server_.received(2));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(pair.server->send(std::to_string(i)));
  pair.server->close();
  ASSERT_TRUE(at_client_.received(100));
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(at_server_.at().closed->error, std::error_code{}) << "nothing was lost";
}

TEST_P(udp_closing, R6_5_closing_the_lessor_inside_a_renters_handler_ends_all_renters_first) {
  diary seen;
  handlers own = at_server_.make_handlers({.received =
                                               [&](connection&, bytes_view message) {
                                                 seen.note(std::string{as_text(message)});
                                                 if (as_text(message) == "close") {
                                                   EXPECT_TRUE(server().close(leased_socket()));
                                                 }
                                               },
                                           .closed =
                                               [&](connection&, close_reason why) {
                                                 EXPECT_EQ(why, close_cause::lessor_closed);
                                                 seen.note("closed");
                                               }});
  own.on_listener_closed = [&, tell = std::move(own.on_listener_closed)](socket_id id) {
    seen.note("listener closed");
    tell(id);
  };
  const socket_id id = server().bind(udp, environment_->bind_address()).value();
  leased_ = id;
  ASSERT_TRUE(server().listen(id, std::move(own)));
  const endpoint where = server().local_endpoint(id).value();
  std::vector<std::shared_ptr<connection>> mine;
  for (int i = 0; i < 5; ++i) {
    mine.push_back(connect_udp(where));
    ASSERT_TRUE(mine.back()->send("hello"));
  }
  ASSERT_TRUE(at_server_.received(5));
  ASSERT_TRUE(mine[2]->send("close"));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(mine[2]->send("too late"));
  ASSERT_TRUE(at_server_.listener_closed(id));
  std::vector<std::string> expected(5, "hello");
  expected.emplace_back("close");
  expected.insert(expected.end(), 5, "closed");
  expected.emplace_back("listener closed");
  EXPECT_EQ(seen.lines(), expected);
  EXPECT_EQ(server().stats().closed_by(close_cause::lessor_closed), 5U);
  EXPECT_EQ(server().stats().udp.on_probation, 0U);
}

TEST_P(udp_closing, R6_5_a_connected_one_closes_its_own_socket_and_the_renter_stays) {
  const link pair = open_pair();
  pair.client->close(1h);  // there is nobody to ignore
  EXPECT_TRUE(pair.client->is_closed());
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::local);
  EXPECT_TRUE(eventually([this] { return client().stats().open == 0; }));
  EXPECT_FALSE(pair.server->is_closed()) << "it is not told";
}

TEST_P(udp_closing, R2_2_stop_ends_renters_and_connected_ones) {
  const endpoint where = lease();
  const link first = open_pair(where);
  const link second = open_pair(where);
  at_client_.expect_connection();
  const auto own = connect(server(), udp, where, at_client_.make_handlers()).lock();
  ASSERT_TRUE(own->send("to its own network"));
  ASSERT_TRUE(at_server_.received(3));

  ASSERT_TRUE(server().stop());

  for (const record& each : at_server_.all()) EXPECT_EQ(*each.closed, close_cause::network_stopped);
  for (const record& each : at_client_.all()) {
    if (each.closed) {
      EXPECT_EQ(*each.closed, close_cause::network_stopped);
    }
  }
  EXPECT_EQ(server().stats().closed_by(close_cause::network_stopped), 4U);
  EXPECT_EQ(server().stats().open, 0U);
  EXPECT_FALSE(first.client->is_closed()) << "a connection of another network lives";
  for (const auto& shell : {first.server, second.server, own}) {
    EXPECT_TRUE(shell->is_closed());
    EXPECT_EQ(error_of(shell->send("late")), errc::closed);
    shell->confirm();
    shell->close();
    EXPECT_EQ(shell->attached<int>(), nullptr);
  }
}

TEST_P(udp_closing, guarantee_5_a_handler_that_throws_ends_only_its_renter) {
  const endpoint where = lease({}, {.received = [](connection& peer, bytes_view message) {
                                 if (as_text(message) == "throw") throw std::runtime_error{"thrown"};
                                 EXPECT_TRUE(peer.send(message));
                               }});
  const auto thrower = connect_udp(where);
  const auto other = connect_udp(where);
  ASSERT_TRUE(thrower->send("throw"));
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(*at_server_.at().closed, close_cause::handler_threw);
  EXPECT_TRUE(log_.has(log_level::error, "thrown"));
  ASSERT_TRUE(other->send("other"));
  ASSERT_TRUE(thrower->send("again")) << "its next datagram makes a new renter";
  ASSERT_TRUE(at_client_.received(2));
  EXPECT_EQ(server_closed_count(), 1U);
}

}  // namespace
}  // namespace naru::test
