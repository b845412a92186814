// Re-entrancy (design, guarantees 1 and 5): closing and throwing inside every handler, of one's own and of
// others.

#include <stdexcept>
#include <string>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

class handler_calls : public network_test {
 protected:
  /// Something that happens in one of a server's handlers, to a client that connects, sends and closes.
  void run(hooks at_server) {
    const endpoint where = listen({.half_open = true}, std::move(at_server));
    if (const auto mine = connect(where).lock()) {  // else it has ended already
      (void)mine->send("one");
      (void)mine->send("two");
      mine->close();
    }
    ASSERT_TRUE(at_server_.closed());
    ASSERT_TRUE(at_client_.closed());
  }

  /// The server goes on serving others.
  void expect_server_lives() {
    const std::size_t before = at_server_.all().size();
    recorder at_other;
    const endpoint where = listen(server(), at_other.make_handlers());
    const auto another = connect(client(), where, handlers{}).lock();
    ASSERT_TRUE(another->send("alive?"));
    EXPECT_TRUE(at_other.received(1));
    destroy_networks();
    at_other.verify_ended();
    EXPECT_EQ(at_server_.all().size(), before);
  }
};

INSTANTIATE_TEST_SUITE_P(engines, handler_calls, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(handler_calls, R3_5_close_in_on_connected) {
  run({.connected = [](connection& peer) { peer.close(); }});
  EXPECT_TRUE(at_server_.at().messages.empty());
  EXPECT_EQ(*at_server_.at().closed, close_cause::local);
}

TEST_P(handler_calls, R3_5_abort_in_on_connected) {
  run({.connected = [](connection& peer) { peer.abort(); }});
  EXPECT_TRUE(at_server_.at().messages.empty());
  EXPECT_EQ(*at_server_.at().closed, close_cause::local);
}

TEST_P(handler_calls, R3_5_close_in_on_received) {
  run({.received = [](connection& peer, bytes_view) { peer.close(); }});
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("one"));
  EXPECT_EQ(*at_server_.at().closed, close_cause::local);
}

TEST_P(handler_calls, R3_5_close_in_on_peer_ended) {
  run({.peer_ended = [](connection& peer) { peer.close(); }});
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("one", "two"));
  EXPECT_EQ(*at_server_.at().closed, close_cause::local);
}

TEST_P(handler_calls, R3_5_abort_in_on_peer_ended) {
  run({.peer_ended = [](connection& peer) { peer.abort(); }});
  EXPECT_EQ(*at_server_.at().closed, close_cause::local);
}

TEST_P(handler_calls, R3_5_close_and_abort_in_on_closed) {
  run({.peer_ended = [](connection& peer) { peer.close(); },
       .closed =
           [](connection& peer, close_reason) {
             peer.close();
             peer.abort();
             peer.pause_receiving();
             peer.resume_receiving();
             EXPECT_EQ(error_of(peer.post([](connection&) { FAIL(); })), errc::closed);
           }});
}

TEST_P(handler_calls, R3_5_close_of_another_connection_whose_messages_wait) {
  // Each of two connections, hearing anything, ends the other. Whoever is heard first wins.
  const endpoint where = listen({}, {.received = [this](connection& peer, bytes_view) {
                                  for (const auto& other : at_server_.shells()) {
                                    if (other.get() != &peer) other->abort();
                                  }
                                }});
  const auto first = connect(where).lock();
  const auto second = connect(where).lock();
  ASSERT_TRUE(at_server_.connected(2));
  for (int i = 0; i < 10; ++i) {
    (void)first->send("me");
    (void)second->send("no, me");
  }
  ASSERT_TRUE(at_server_.closed(1));
  ASSERT_TRUE(at_client_.closed(1));
}

TEST_P(handler_calls, R3_5_one_handler_closes_all_connections) {
  constexpr std::size_t count = 100;
  const endpoint where = listen({}, {.received = [this](connection&, bytes_view) {
                                  for (const auto& peer : at_server_.shells()) peer->close();
                                }});
  for (std::size_t i = 0; i < count; ++i) connect(where);
  ASSERT_TRUE(at_server_.connected(count));
  ASSERT_TRUE(at_client_.connected(count));
  ASSERT_TRUE(at_client_.shell(50)->send("all of you"));
  EXPECT_TRUE(at_server_.closed(count));
  EXPECT_TRUE(at_client_.closed(count));
}

TEST_P(handler_calls, guarantee_5_a_throw_in_on_connected_ends_that_connection) {
  run({.connected = [](connection&) { throw std::runtime_error{"ouch"}; }});
  EXPECT_EQ(*at_server_.at().closed, close_cause::handler_threw);
  EXPECT_TRUE(at_server_.at().messages.empty());
  EXPECT_TRUE(eventually(
      [this] { return log_.has(log_level::warning, "ouch") || log_.has(log_level::error, "ouch"); }));
  expect_server_lives();
}

TEST_P(handler_calls, guarantee_5_a_throw_in_on_received_ends_that_connection) {
  run({.received = [](connection&, bytes_view) { throw std::runtime_error{"ouch"}; }});
  EXPECT_EQ(*at_server_.at().closed, close_cause::handler_threw);
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("one")) << "nothing is delivered after it";
  expect_server_lives();
}

TEST_P(handler_calls, guarantee_5_a_throw_in_on_peer_ended_ends_that_connection) {
  run({.peer_ended = [](connection&) { throw std::runtime_error{"ouch"}; }});
  EXPECT_EQ(*at_server_.at().closed, close_cause::handler_threw);
  expect_server_lives();
}

TEST_P(handler_calls, guarantee_5_a_throw_in_on_closed_is_survived) {
  run({.peer_ended = [](connection& peer) { peer.close(); },
       .closed = [](connection&, close_reason) { throw std::runtime_error{"ouch"}; }});
  EXPECT_EQ(*at_server_.at().closed, close_cause::local) << "it had ended already";
  expect_server_lives();
}

TEST_P(handler_calls, guarantee_5_a_throw_in_a_posted_task_ends_that_connection) {
  const link pair = open_link();
  ASSERT_TRUE(pair.server->post([](connection&) { throw std::runtime_error{"ouch"}; }));
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(*at_server_.at().closed, close_cause::handler_threw);
  EXPECT_TRUE(at_client_.closed());
  expect_server_lives();
}

TEST_P(handler_calls, guarantee_5_a_throw_of_something_that_is_no_exception_is_survived_too) {
  run({.received = [](connection&, bytes_view) { throw 42; }});
  EXPECT_EQ(*at_server_.at().closed, close_cause::handler_threw);
  expect_server_lives();
}

TEST_P(handler_calls, guarantee_5_a_throw_in_on_listener_closed_is_survived) {
  event called;
  handlers own = at_server_.make_handlers();
  own.on_listener_closed = [&](socket_id) {
    called.set();
    throw std::runtime_error{"ouch"};
  };
  const socket_id id = server().bind(tcp, environment_->bind_address()).value();
  ASSERT_TRUE(server().listen(id, std::move(own)));
  ASSERT_TRUE(server().close(id));
  ASSERT_TRUE(called.wait());
  expect_server_lives();
}

}  // namespace
}  // namespace naru::test
