// R4.3: send_latest on every engine: the newest of a key arrives, whoever sends how much of it.

#include <algorithm>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/pressure.hpp"

namespace naru::test {
namespace {

class latest : public udp_test {
 protected:
  struct value {
    std::size_t key;
    std::size_t number;
  };
  static value read(const std::string& message) {
    std::size_t end = 0;
    const std::size_t key = std::stoul(message, &end);
    return {.key = key, .number = std::stoul(message.substr(end + 1))};
  }

  /// Several threads send so many values, each of its own key or all of one.
  static std::size_t send_from_threads(connection& to, std::size_t threads, std::size_t each, bool one_key) {
    std::vector<std::size_t> accepted(threads);
    {
      std::vector<std::jthread> running;
      for (std::size_t t = 0; t < threads; ++t) {
        running.emplace_back([&to, &accepted, t, each, one_key] {
          for (std::size_t i = 0; i < each; ++i) {
            const std::string text = std::to_string(t) + ":" + std::to_string(i) + std::string(i % 50, ' ');
            accepted[t] += to.send_latest(one_key ? 7 : t, text) ? 1 : 0;
          }
        });
      }
    }
    std::size_t all = 0;
    for (const std::size_t one : accepted) all += one;
    return all;
  }
  /// All that was accepted has left or was replaced.
  static void wait_until_all_gone(const connection& of, std::size_t accepted) {
    EXPECT_TRUE(eventually([&] {
      const connection_stats now = of.stats();
      return now.backlog_bytes == 0 && now.messages_sent + now.messages_replaced == accepted;
    })) << accepted
        << " accepted, " << of.stats().messages_sent << " sent, " << of.stats().messages_replaced
        << " replaced";
  }
  static void expect_newest_of_each(const std::vector<std::string>& got, std::size_t keys,
                                    std::size_t newest) {
    std::map<std::size_t, std::size_t> last;
    for (const std::string& message : got) {
      const value one = read(message);
      const auto known = last.find(one.key);
      if (known != last.end()) {
        EXPECT_GT(one.number, known->second) << "an older one came behind";
      }
      last[one.key] = one.number;
    }
    EXPECT_EQ(last.size(), keys);
    for (const auto& [key, number] : last) EXPECT_EQ(number, newest) << "key " << key;
  }
};

INSTANTIATE_TEST_SUITE_P(engines, latest, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(latest, R4_3_one_that_has_not_left_the_sending_thread_is_replaced_in_its_place) {
  const endpoint where = listen();
  network& polled = start_network(network_options{.workers = 0});
  at_client_.expect_connection();
  const auto mine = connect(polled, where, at_client_.make_handlers()).lock();
  ASSERT_TRUE(mine->send("first"));
  ASSERT_TRUE(mine->send_latest(1, "old"));
  ASSERT_TRUE(mine->send("between"));
  ASSERT_TRUE(mine->send_latest(2, pattern(300)));
  ASSERT_TRUE(mine->send("last"));
  ASSERT_TRUE(mine->send_latest(1, pattern(500)));
  ASSERT_TRUE(mine->send_latest(2, "small"));
  EXPECT_EQ(mine->stats().messages_replaced, 2U);
  EXPECT_EQ(mine->backlog_bytes(), 5U + 500 + 7 + 5 + 4 + 5 * 4);
  ASSERT_TRUE(turn_until(polled, [&] { return mine->backlog_bytes() == 0; }));
  ASSERT_TRUE(at_server_.received(5));
  EXPECT_EQ(at_server_.at().messages,
            (std::vector<std::string>{"first", pattern(500), "between", "small", "last"}));
  EXPECT_EQ(mine->stats().messages_sent, 5U);
  ASSERT_TRUE(mine->send_latest(1, "what has left is not replaced"));
  ASSERT_TRUE(turn_until(polled, [&] { return mine->backlog_bytes() == 0; }));
  EXPECT_TRUE(at_server_.received(6));
}

TEST_P(latest, R4_3_the_last_of_each_threads_key_arrives_last) {
  const link pair = open_link();
  const std::size_t accepted = send_from_threads(*pair.client, 4, 400, false);
  EXPECT_EQ(accepted, 1600U);
  wait_until_all_gone(*pair.client, accepted);
  ASSERT_TRUE(at_server_.received(pair.client->stats().messages_sent));
  expect_newest_of_each(at_server_.at().messages, 4, 399);
}

TEST_P(latest, R4_3_threads_that_share_a_key_lose_no_count) {
  const link pair = open_link();
  const std::size_t accepted = send_from_threads(*pair.client, 4, 400, true);
  EXPECT_EQ(accepted, 1600U);
  EXPECT_FALSE(pair.client->is_closed());
  wait_until_all_gone(*pair.client, accepted);
  ASSERT_TRUE(at_server_.received(pair.client->stats().messages_sent));
  EXPECT_EQ(client().stats().messages_replaced, pair.client->stats().messages_replaced);
}

TEST_P(latest, R4_3_what_a_thread_sends_behind_its_value_never_comes_before_it) {
  const link pair = open_link();
  constexpr std::size_t threads = 3;
  constexpr std::size_t each = 150;
  {
    std::vector<std::jthread> running;
    for (std::size_t t = 0; t < threads; ++t) {
      running.emplace_back([&pair, t] {
        for (std::size_t i = 0; i < each; ++i) {
          const std::string text = std::to_string(t) + ":" + std::to_string(i);
          EXPECT_TRUE(pair.client->send_latest(7, text));
          EXPECT_TRUE(pair.client->send("behind " + text));
        }
      });
    }
  }
  const std::size_t accepted = 2 * threads * each;
  wait_until_all_gone(*pair.client, accepted);
  ASSERT_TRUE(at_server_.received(pair.client->stats().messages_sent));
  std::map<std::size_t, std::size_t> behind;  // the newest of each thread
  for (const std::string& message : at_server_.at().messages) {
    const bool is_value = message.front() != 'b';
    const auto [thread, number] = read(is_value ? message : message.substr(7));
    const auto known = behind.find(thread);
    if (!is_value) {
      behind[thread] = number;
    } else if (known != behind.end()) {
      EXPECT_GT(number, known->second) << "of thread " << thread;
    }
  }
}

TEST_P(latest, R4_3_a_slow_peer_gets_the_newest_while_threads_and_handlers_send) {
  const link pair = open_link();
  pair.server->pause_receiving();
  std::jthread other{[&] { static_cast<void>(send_from_threads(*pair.client, 2, 300, false)); }};
  for (std::size_t i = 0; i < 300; ++i) {
    ASSERT_TRUE(run_inside(
        *pair.client, [i](connection& self) { EXPECT_TRUE(self.send_latest(2, "2:" + std::to_string(i))); }));
  }
  other.join();
  pair.server->resume_receiving();
  wait_until_all_gone(*pair.client, 900);
  ASSERT_TRUE(at_server_.received(pair.client->stats().messages_sent));
  expect_newest_of_each(at_server_.at().messages, 3, 299);
}

TEST_P(latest, R4_3_large_values_leave_whole) {
  const link pair = open_link();
  const std::size_t size = std::min<std::size_t>(bulk_bytes() / 8, 100'000);
  std::vector<std::string> sent;
  for (std::size_t i = 0; i < 20; ++i) {
    sent.push_back(numbered(i, size - 7 * i));
    ASSERT_TRUE(pair.client->send_latest(i % 2, sent.back()));
  }
  wait_until_all_gone(*pair.client, 20);
  ASSERT_TRUE(at_server_.received(pair.client->stats().messages_sent));
  const std::vector<std::string> got = at_server_.at().messages;
  for (const std::string& each : got) EXPECT_NE(std::ranges::find(sent, each), sent.end());
  EXPECT_NE(std::ranges::find(got, sent[18]), got.end());
  EXPECT_NE(std::ranges::find(got, sent[19]), got.end());
}

TEST_P(latest, R4_3_udp_the_newest_takes_the_place_of_the_one_that_waits) {
  // To a peer on probation nothing of that size leaves.
  for (const sender where : {sender::handler, sender::thread}) {
    const std::size_t index = at_client_.all().size();
    const link pair = open_pair(listen_options{});
    const auto send = [](connection& self) {
      EXPECT_TRUE(self.send(numbered(0, 100)));
      EXPECT_TRUE(self.send_latest(1, numbered(1, 100)));
      EXPECT_TRUE(self.send(numbered(2, 100)));
      EXPECT_TRUE(self.send_latest(2, numbered(3, 20)));
      EXPECT_TRUE(self.send_latest(1, numbered(4, 300)));
      EXPECT_TRUE(self.send_latest(2, numbered(5, 30)));
    };
    if (where == sender::handler) {
      ASSERT_TRUE(run_inside(*pair.server, send));
    } else {
      send(*pair.server);
    }
    ASSERT_TRUE(run_inside(*pair.server,
                           [](connection& self) { EXPECT_TRUE(self.send_latest(1, numbered(6, 200))); }));
    EXPECT_EQ(pair.server->stats().messages_replaced, 3U);
    EXPECT_EQ(pair.server->backlog_bytes(), 100U + 200 + 100 + 64) << "a small datagram counts as 64 bytes";
    ASSERT_TRUE(pair.client->send(pattern(900)));
    ASSERT_TRUE(eventually([&] { return at_client_.at(index).messages.size() == 4; }));
    EXPECT_EQ(at_client_.at(index).messages,
              (std::vector{numbered(0, 100), numbered(6, 200), numbered(2, 100), numbered(5, 30)}));
    EXPECT_TRUE(eventually([&] { return pair.server->stats().messages_sent == 4; }));
  }
}

TEST_P(latest, R4_3_udp_the_last_of_each_threads_key_waits_last) {
  const link pair = open_pair(listen_options{});
  const std::size_t accepted = send_from_threads(*pair.server, 4, 400, false);
  EXPECT_EQ(accepted, 1600U);
  ASSERT_TRUE(pair.client->send(pattern(900)));
  wait_until_all_gone(*pair.server, accepted);
  ASSERT_TRUE(at_client_.received(pair.server->stats().messages_sent));
  expect_newest_of_each(at_client_.at().messages, 4, 399);
}

TEST_P(latest, R4_3_after_the_end_it_is_refused) {
  const link pair = open_link();
  pair.client->close();
  EXPECT_EQ(error_of(pair.client->send_latest(1, "x")), errc::closed);
  ASSERT_TRUE(at_client_.closed());
  EXPECT_EQ(error_of(pair.client->send_latest(1, "x")), errc::closed);
  const link by_udp = open_pair(listen_options{});
  by_udp.server->abort();
  EXPECT_EQ(error_of(by_udp.server->send_latest(1, "x")), errc::closed);
}

}  // namespace
}  // namespace naru::test
