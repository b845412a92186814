// R2.3 to R2.5: bind, listen and close.

#include <map>
#include <set>
#include <thread>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

class listening : public network_test {};

INSTANTIATE_TEST_SUITE_P(engines, listening, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(listening, R2_3_port_0_takes_a_free_port_and_tells_it) {
  const socket_id first = server().bind(tcp, "127.0.0.1:0").value();
  const socket_id second = server().bind(tcp, "127.0.0.1:0").value();
  EXPECT_NE(first, second);
  const endpoint one = server().local_endpoint(first).value();
  const endpoint two = server().local_endpoint(second).value();
  EXPECT_NE(one.port(), 0);
  EXPECT_NE(one.port(), two.port());
  EXPECT_EQ(one.address_text(), "127.0.0.1");
}

TEST_P(listening, R2_4_both_sides_see_each_others_endpoints_and_ids_are_unique) {
  const endpoint where = listen();
  std::set<connection_id> ids;
  for (std::size_t i = 0; i < 5; ++i) {
    const auto outgoing = connect(where).lock();
    ASSERT_TRUE(at_server_.connected(i + 1));
    ASSERT_TRUE(at_client_.connected(i + 1));
    const auto accepted = at_server_.shell(i);
    EXPECT_EQ(outgoing->remote_endpoint(), where);
    EXPECT_EQ(accepted->local_endpoint(), where);
    EXPECT_EQ(accepted->remote_endpoint(), outgoing->local_endpoint());
    EXPECT_NE(accepted->remote_endpoint().port(), where.port());
    ids.insert(outgoing->id());
    ids.insert(accepted->id());
  }
  EXPECT_EQ(ids.size(), 10U);
}

TEST_P(listening, R2_4_one_listener_takes_IPv4_and_IPv6_peers) {
  const socket_id id = server().bind(tcp, ":0").value();
  ASSERT_TRUE(server().listen(id, at_server_.make_handlers()));
  const endpoint where = server().local_endpoint(id).value();
  EXPECT_TRUE(where.is_wildcard());

  const auto v4 = connect(endpoint::loopback_ipv4(where.port()));
  ASSERT_TRUE(at_server_.connected(1));
  const auto v6 = connect(endpoint::loopback_ipv6(where.port()));
  ASSERT_TRUE(at_server_.connected(2));

  EXPECT_EQ(at_server_.shell(0)->remote_endpoint().family(), address_family::ipv4);
  EXPECT_EQ(at_server_.shell(0)->remote_endpoint().address_text(), "127.0.0.1");
  EXPECT_EQ(at_server_.shell(1)->remote_endpoint().family(), address_family::ipv6);
}

TEST_P(listening, R2_4_an_IPv6_listener_can_refuse_IPv4_peers) {
  const socket_id id = server().bind(tcp, ":0", {.ipv6_only = true}).value();
  ASSERT_TRUE(server().listen(id, at_server_.make_handlers()));
  const std::uint16_t port = server().local_endpoint(id).value().port();

  connect(endpoint::loopback_ipv6(port));
  ASSERT_TRUE(at_server_.connected());
  connect(endpoint::loopback_ipv4(port));
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(at_client_.at(1).closed->error, std::errc::connection_refused);
}

TEST_P(listening, R2_5_a_closed_listener_says_so_and_its_port_is_free) {
  const socket_id id = server().bind(tcp, environment_->bind_address()).value();
  ASSERT_TRUE(server().listen(id, at_server_.make_handlers()));
  const endpoint where = server().local_endpoint(id).value();
  const auto peer = connect(where).lock();
  ASSERT_TRUE(at_server_.connected());

  ASSERT_TRUE(server().close(id));
  ASSERT_TRUE(at_server_.listener_closed(id));

  EXPECT_EQ(error_of(server().close(id)), errc::unknown_socket);
  EXPECT_EQ(error_of(server().local_endpoint(id)), errc::unknown_socket);
  ASSERT_TRUE(peer->send("connections that it accepted live on"));
  ASSERT_TRUE(at_server_.received(1));
  EXPECT_FALSE(peer->is_closed());

  const auto again = server().bind(tcp, where);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_NE(*again, id);
  ASSERT_TRUE(server().listen(*again, at_server_.make_handlers()));
  connect(where);
  EXPECT_TRUE(at_server_.connected(2));
}

TEST_P(listening, R2_5_a_bound_socket_that_never_listened_frees_its_port_at_once) {
  const socket_id id = server().bind(tcp, environment_->bind_address()).value();
  const endpoint where = server().local_endpoint(id).value();
  ASSERT_TRUE(server().close(id));
  EXPECT_TRUE(server().bind(tcp, where));
}

TEST_P(listening, R2_5_nobody_gets_in_after_a_listener_is_closed) {
  const endpoint where = deserted_endpoint();
  connect(where);
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(at_client_.at().closed->cause, close_cause::connect_failed);
}

TEST_P(listening, R2_5_the_handlers_of_a_listener_live_as_long_as_its_connections) {
  const auto token = std::make_shared<int>(1);
  const std::weak_ptr<int> alive = token;
  const socket_id id = server().bind(tcp, environment_->bind_address()).value();
  hooks also;
  also.received = [held = token](connection& peer, bytes_view) { EXPECT_TRUE(peer.send("held")); };
  ASSERT_TRUE(server().listen(id, at_server_.make_handlers(std::move(also))));
  const auto peer = connect(server().local_endpoint(id).value()).lock();
  ASSERT_TRUE(at_server_.connected());
  ASSERT_TRUE(server().close(id));
  ASSERT_TRUE(at_server_.listener_closed(id));
  EXPECT_FALSE(alive.expired());

  ASSERT_TRUE(peer->send("use the handlers"));
  ASSERT_TRUE(at_client_.received(1));
  peer->close();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_TRUE(eventually([&] { return alive.use_count() == 1; })) << "only the token of this test is left";
}

TEST_P(listening, R7_3_several_listeners_share_one_set_of_handlers) {
  const auto shared = std::make_shared<const handlers>(at_server_.make_handlers());
  for (int i = 0; i < 3; ++i) {
    const socket_id id = server().bind(tcp, environment_->bind_address()).value();
    ASSERT_TRUE(server().listen(id, shared));
    connect(server().local_endpoint(id).value());
  }
  EXPECT_TRUE(at_server_.connected(3));
}

TEST_P(listening, R4_7_connections_are_spread_evenly_over_the_workers) {
  constexpr std::size_t workers = 4;
  constexpr std::size_t connections = 40;
  std::mutex mutex;
  std::map<std::thread::id, std::size_t> count;
  network& wide = start_network(workers);
  const endpoint where = listen(wide, at_server_.make_handlers({.connected = [&](connection&) {
    const std::lock_guard lock{mutex};
    ++count[std::this_thread::get_id()];
  }}));
  for (std::size_t i = 0; i < connections; ++i) connect(where);
  ASSERT_TRUE(at_server_.connected(connections));

  const std::lock_guard lock{mutex};
  EXPECT_EQ(count.size(), workers);
  for (const auto& [worker, share] : count) EXPECT_EQ(share, connections / workers);
}

TEST_P(listening, R2_4_many_peers_at_once_are_all_accepted_and_served) {
  constexpr std::size_t connections = 200;
  network& wide = start_network(2);
  const endpoint where =
      listen(wide, at_server_.make_handlers(
                       {.received = [](connection& peer, bytes_view m) { EXPECT_TRUE(peer.send(m)); }}));
  for (std::size_t i = 0; i < connections; ++i) {
    EXPECT_TRUE(connect(where).lock()->send("number " + std::to_string(i)));
  }
  ASSERT_TRUE(at_client_.received(connections));
  std::set<std::string> echoes;
  for (const record& entry : at_client_.all()) echoes.insert(entry.stream());
  EXPECT_EQ(echoes.size(), connections);
  EXPECT_EQ(wide.stats().accepted, connections);
}

}  // namespace
}  // namespace naru::test
