// R2.6, R6.1: an attempt to connect always gets an answer.

#include <string>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

class connecting : public network_test {};

INSTANTIATE_TEST_SUITE_P(engines, connecting, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(connecting, R2_6_a_connect_that_is_refused_answers_with_the_reason) {
  const auto attempt = connect(deserted_endpoint()).lock();
  ASSERT_TRUE(at_client_.closed());
  const record seen = at_client_.at();
  EXPECT_FALSE(seen.connected);
  EXPECT_EQ(*seen.closed, close_cause::connect_failed);
  EXPECT_EQ(seen.closed->error, std::errc::connection_refused);
  EXPECT_TRUE(eventually([this] { return client().stats().closed_by(close_cause::connect_failed) == 1; }));
  EXPECT_EQ(client().stats().connected, 0U);
}

TEST_P(connecting, R2_6_many_refused_connects_all_answer) {
  const endpoint nobody = deserted_endpoint();
  for (int i = 0; i < 100; ++i) connect(nobody);
  EXPECT_TRUE(at_client_.closed(100));
}

TEST_P(connecting, R2_6_a_name_that_is_not_known_answers_with_the_reason) {
  at_client_.expect_connection();
  // An empty label: no name server has to be asked to know that there is no such name.
  const auto attempt = client().connect(tcp, "no..such.host:80", at_client_.make_handlers());
  ASSERT_TRUE(attempt) << attempt.error();
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::connect_failed);
  EXPECT_EQ(at_client_.at().closed->error, errc::name_not_found);
}

TEST_P(connecting, R2_6_a_host_name_is_looked_up) {
  const endpoint where = listen();
  at_client_.expect_connection();
  const auto attempt =
      client().connect(tcp, "localhost:" + std::to_string(where.port()), at_client_.make_handlers());
  ASSERT_TRUE(attempt) << attempt.error();
  ASSERT_TRUE(at_client_.connected());
  EXPECT_EQ(at_client_.shell()->remote_endpoint().port(), where.port());
  EXPECT_TRUE(at_server_.connected());
}

TEST_P(connecting, R2_6_what_is_sent_while_connecting_arrives_in_order) {
  const endpoint where = listen();
  const auto mine = connect(where).lock();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(mine->send(std::to_string(i)));
  ASSERT_TRUE(at_server_.received(100));
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(at_server_.at().messages[i], std::to_string(i));
}

TEST_P(connecting, R6_1_an_outgoing_connection_exists_before_it_is_connected) {
  network& polled = start_network(network_options{.workers = 0});  // nothing happens but inside poll
  at_client_.expect_connection();
  const auto mine = connect(polled, listen(), at_client_.make_handlers()).lock();
  ASSERT_NE(mine, nullptr);
  EXPECT_FALSE(mine->is_closed());
  EXPECT_EQ(mine->remote_endpoint().family(), address_family::none);
  EXPECT_EQ(mine->local_endpoint().family(), address_family::none);
  EXPECT_EQ(polled.stats().open, 1U);
  EXPECT_EQ(polled.stats().connected, 0U);

  ASSERT_TRUE(mine->send("queued"));
  EXPECT_EQ(mine->backlog_bytes(), 4U + 6U);

  while (!at_client_.at().connected) ASSERT_TRUE(polled.poll(10ms));
  EXPECT_EQ(mine->remote_endpoint().family(), address_family::ipv4);
  while (mine->backlog_bytes() != 0) ASSERT_TRUE(polled.poll(10ms));
  EXPECT_TRUE(at_server_.received(1));
  EXPECT_EQ(polled.stats().connected, 1U);
}

TEST_P(connecting, R2_6_close_while_connecting_answers_once) {
  const endpoint where = listen();
  for (std::size_t i = 0; i < 50; ++i) {
    const auto mine = connect(where).lock();
    if (!mine) continue;
    mine->close();
    EXPECT_TRUE(mine->is_closed());
    EXPECT_EQ(error_of(mine->send("late")), errc::closed);
  }
  ASSERT_TRUE(at_client_.closed(50));
  for (const record& entry : at_client_.all()) EXPECT_EQ(*entry.closed, close_cause::local);
}

TEST_P(connecting, R2_6_abort_while_connecting_answers_once) {
  const endpoint where = listen();
  for (std::size_t i = 0; i < 50; ++i) {
    if (const auto mine = connect(where).lock()) mine->abort();
  }
  ASSERT_TRUE(at_client_.closed(50));
  for (const record& entry : at_client_.all()) EXPECT_EQ(*entry.closed, close_cause::local);
}

TEST_P(connecting, R2_6_what_was_queued_before_a_close_while_connecting_is_sent) {
  const auto mine = connect(listen()).lock();
  ASSERT_TRUE(mine->send("hello"));
  ASSERT_TRUE(mine->send("goodbye"));
  mine->close();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_THAT(at_server_.at().messages, testing::ElementsAre("hello", "goodbye"));
  EXPECT_EQ(*at_server_.at().closed, close_cause::peer);
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(*at_client_.at().closed, close_cause::local);
}

TEST_P(connecting, R2_6_the_attached_object_is_there_before_any_handler_runs) {
  event seen;
  const auto mine = connect(listen(), {.attach = std::make_shared<std::string>("session")},
                            {.connected = [&](connection& peer) {
                              const auto session = peer.attached<std::string>();
                              EXPECT_TRUE(session != nullptr && *session == "session");
                              seen.set();
                            }});
  EXPECT_TRUE(seen.wait());
}

TEST_P(connecting, R2_6_a_handler_may_connect) {
  const endpoint where = listen();
  connect(where, {}, {.connected = [&](connection&) {
            const auto another = client().connect(tcp, where, std::make_shared<const handlers>());
            EXPECT_TRUE(another);
          }});
  EXPECT_TRUE(at_server_.connected(2));
}

TEST_P(connecting, R7_3_every_handler_may_be_left_out) {
  const endpoint where = listen(server(), handlers{});
  const auto mine = connect(client(), where, handlers{}).lock();
  ASSERT_TRUE(mine->send("to nobody"));
  mine->close();
  EXPECT_TRUE(eventually([&] { return client().stats().open == 0 && server().stats().open == 0; }));
  EXPECT_EQ(server().stats().accepted, 1U);
}

TEST_P(connecting, R7_3_connects_share_one_set_of_handlers) {
  const auto shared = std::make_shared<const handlers>(at_client_.make_handlers());
  const endpoint where = listen();
  for (int i = 0; i < 5; ++i) {
    at_client_.expect_connection();
    EXPECT_TRUE(client().connect(tcp, where, shared));
  }
  EXPECT_TRUE(client().connect(tcp, where.to_string(), shared));
  EXPECT_TRUE(at_client_.connected(6));
}

}  // namespace
}  // namespace naru::test
