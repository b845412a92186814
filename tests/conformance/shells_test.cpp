// R3.5, R6.3: what a user has locked after the end is a shell; each call answers, also after the network is
// gone.

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/network_test.hpp"

namespace naru::test {
namespace {

class shells : public network_test {
 protected:
  static void expect_shell(connection& shell) {
    EXPECT_TRUE(shell.is_closed());
    EXPECT_EQ(error_of(shell.send("text")), errc::closed);
    EXPECT_EQ(error_of(shell.send(as_bytes("bytes"))), errc::closed);
    EXPECT_EQ(error_of(shell.send({as_bytes("pieces")})), errc::closed);
    EXPECT_EQ(error_of(shell.send(std::string(100'000, 'x'))), errc::closed);
    EXPECT_EQ(error_of(shell.send(std::vector<std::byte>(100'000))), errc::closed);
    EXPECT_EQ(error_of(shell.post([](connection&) { FAIL(); })), errc::closed);
    EXPECT_NE(error_of(shell.exchange_handlers(handlers{})), std::error_code{});
    shell.close();
    shell.abort();
    shell.pause_receiving();
    shell.resume_receiving();
    shell.attach(std::make_shared<int>(1));
    EXPECT_TRUE(eventually([&] { return shell.attached<int>() == nullptr; }))
        << "released with all the others";
    EXPECT_EQ(shell.backlog_bytes(), 0U);
    EXPECT_EQ(shell.stats().backlog_bytes, 0U);
    EXPECT_NE(shell.id(), connection_id{});
  }
};

INSTANTIATE_TEST_SUITE_P(engines, shells, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(shells, R3_5_every_call_on_a_closed_connection_answers) {
  const link pair = open_link();
  const endpoint remote = pair.client->remote_endpoint();
  pair.client->close();
  ASSERT_TRUE(at_client_.closed());
  ASSERT_TRUE(at_server_.closed());
  expect_shell(*pair.client);
  expect_shell(*pair.server);
  EXPECT_EQ(pair.client->remote_endpoint(), remote) << "what it was is still known";
}

TEST_P(shells, R6_3_also_after_the_network_is_gone) {
  link pair = open_link();
  destroy_networks();
  expect_shell(*pair.client);
  expect_shell(*pair.server);
  pair = {};
}

TEST_P(shells, R6_3_also_after_a_connect_that_failed) {
  const auto attempt = connect(deserted_endpoint()).lock();
  if (!attempt) GTEST_SKIP() << "it had ended before it could be locked";
  ASSERT_TRUE(at_client_.closed());
  expect_shell(*attempt);
}

TEST_P(shells, R6_3_also_while_the_network_is_being_destroyed) {
  // Threads use their connections without a pause, until every call answers with an error.
  constexpr std::size_t backlog_bytes_enough = 64 << 10;
  link pair = open_link();
  std::atomic<bool> go_on = true;
  std::vector<std::jthread> users;
  for (const auto& held : {pair.client, pair.server}) {
    users.emplace_back([&go_on, held] {
      while (go_on) {
        // A worker that gets no processor for a while would otherwise end them for their backlog.
        if (held->backlog_bytes() < backlog_bytes_enough) {
          (void)held->send("more");
          (void)held->post([](connection& self) { (void)self.send("posted"); });
        }
        (void)held->stats();
        held->pause_receiving();
        held->resume_receiving();
        std::this_thread::yield();
      }
    });
  }
  ASSERT_TRUE(at_server_.received(10));
  destroy_networks();
  expect_shell(*pair.client);
  expect_shell(*pair.server);
  go_on = false;
  users.clear();
  pair = {};
}

TEST_P(shells, guarantee_2_a_weak_ptr_expires_with_the_users_last_lock) {
  link pair = open_link();
  const std::weak_ptr<connection> weak = pair.server;
  pair.server->abort();
  ASSERT_TRUE(at_server_.closed());
  EXPECT_FALSE(weak.expired()) << "it is locked here";
  EXPECT_TRUE(eventually([&] { return weak.use_count() == 1; })) << "and nowhere else";
  pair.server.reset();
  EXPECT_TRUE(weak.expired());
}

TEST_P(shells, R6_2_the_socket_keeps_its_connection_while_it_lives) {
  link pair = open_link();
  const std::weak_ptr<connection> weak = pair.server;
  pair.server.reset();
  ASSERT_TRUE(pair.client->send("nobody but the library holds the other end"));
  EXPECT_TRUE(at_server_.received(1));
  EXPECT_FALSE(weak.expired());
}

}  // namespace
}  // namespace naru::test
