// Guarantee 3: send from any thread. Messages never interleave, and what happens before goes first.

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/network_test.hpp"
#include "support/thread_order.hpp"

namespace naru::test {
namespace {

class sending_threads : public network_test {
 protected:
  static constexpr std::size_t threads = 4;

  /// So many messages from each thread.
  std::size_t per_thread() const {
    return std::clamp(bulk_bytes() / 400, std::size_t{20}, std::size_t{2000});
  }
};

INSTANTIATE_TEST_SUITE_P(engines, sending_threads, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(sending_threads, R4_5_messages_of_several_threads_are_whole_and_each_threads_in_order) {
  const link pair = open_link();
  const std::size_t count = per_thread();
  {
    std::vector<std::jthread> senders;
    for (std::size_t thread = 0; thread < threads; ++thread) {
      senders.emplace_back([&, thread] {
        for (std::size_t i = 0; i < count; ++i) {
          const std::string body = pattern(i % 50, thread * count + i);
          EXPECT_TRUE(pair.client->send(std::to_string(thread) + ":" + std::to_string(i) + ":" + body));
        }
      });
    }
  }
  ASSERT_TRUE(at_server_.received(threads * count));

  std::vector<std::size_t> next(threads, 0);
  for (const std::string& message : at_server_.at().messages) {
    const auto thread = static_cast<std::size_t>(message.at(0) - '0');
    ASSERT_LT(thread, threads) << message;
    const std::size_t i = next[thread]++;
    ASSERT_EQ(message,
              std::to_string(thread) + ":" + std::to_string(i) + ":" + pattern(i % 50, thread * count + i));
  }
}

TEST_P(sending_threads, guarantee_3_a_send_that_happened_before_a_handlers_send_goes_first) {
  // This thread sends to the client's connection and then says so; the handler, on the worker, hears it and
  // sends too.
  std::atomic<int> said = 0;
  const link pair = open_link({.at_client = {.received = [&](connection& peer, bytes_view) {
                                 EXPECT_TRUE(peer.send("handler " + std::to_string(said.load())));
                               }}});
  const int rounds = static_cast<int>(per_thread());
  for (int round = 1; round <= rounds; ++round) {
    ASSERT_TRUE(pair.server->send("ask"));
    ASSERT_TRUE(pair.client->send("thread " + std::to_string(round)));
    said = round;
  }
  ASSERT_TRUE(at_server_.received(2 * static_cast<std::size_t>(rounds)));

  expect_nothing_overtaken(at_server_.at().messages);
}

TEST_P(sending_threads, guarantee_3_order_holds_across_threads_that_take_turns) {
  const link pair = open_link();
  const std::size_t count = per_thread();
  std::mutex guard;
  std::condition_variable turned;
  std::size_t turn = 0;
  {
    std::vector<std::jthread> senders;
    for (std::size_t thread = 0; thread < 2; ++thread) {
      senders.emplace_back([&, thread] {
        for (std::size_t i = thread; i < count; i += 2) {
          {
            std::unique_lock hold{guard};
            turned.wait(hold, [&] { return turn == i; });
          }
          EXPECT_TRUE(pair.client->send(std::to_string(i)));
          {
            const std::lock_guard hold{guard};
            turn = i + 1;
          }
          turned.notify_all();
        }
      });
    }
  }
  ASSERT_TRUE(at_server_.received(count));
  const record seen = at_server_.at();
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(seen.messages[i], std::to_string(i));
}

TEST_P(sending_threads, guarantee_3_a_posted_task_sends_after_what_its_poster_sent) {
  const link pair = open_link();
  const std::size_t count = per_thread();
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_TRUE(pair.client->send("sent"));
    ASSERT_TRUE(pair.client->post([](connection& self) { EXPECT_TRUE(self.send("posted")); }));
  }
  ASSERT_TRUE(at_server_.received(2 * count));
  // A task may run late, and find later sends before it.
  std::ptrdiff_t ahead = 0;
  for (const std::string& message : at_server_.at().messages) {
    ahead += message == "sent" ? 1 : -1;
    ASSERT_GE(ahead, 0) << "a task sent before its poster did";
  }
}

TEST_P(sending_threads, guarantee_3_a_close_follows_the_sends_that_happened_before_it) {
  const std::size_t count = per_thread();
  const link pair = open_link();
  {
    const std::jthread other{[&] {
      for (std::size_t i = 0; i < count; ++i) EXPECT_TRUE(pair.client->send(std::to_string(i)));
      pair.client->close();
    }};
  }
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(at_server_.at().messages.size(), count);
}

TEST_P(sending_threads, guarantee_3_group_sends_from_several_handlers_reach_each_connection_in_order) {
  // Two workers, each of whose handlers sends to every connection of both.
  network& wide = start_network(2);
  const endpoint where =
      listen(wide, at_server_.make_handlers({.received = [this](connection&, bytes_view message) {
        for (const auto& other : at_server_.shells()) EXPECT_TRUE(other->send(message));
      }}));
  std::vector<std::shared_ptr<connection>> mine;
  for (int i = 0; i < 4; ++i) mine.push_back(connect(where).lock());
  ASSERT_TRUE(at_server_.connected(4));
  const std::size_t count = std::min(per_thread(), std::size_t{200});
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t from = 0; from < 4; ++from) {
      ASSERT_TRUE(mine[from]->send(std::to_string(from) + ":" + std::to_string(i)));
    }
  }
  ASSERT_TRUE(at_client_.received(4 * 4 * count));
  for (const record& entry : at_client_.all()) {
    std::vector<std::size_t> next(4, 0);
    for (const std::string& message : entry.messages) {
      const auto from = static_cast<std::size_t>(message.at(0) - '0');
      ASSERT_LT(from, 4U);
      ASSERT_EQ(message, std::to_string(from) + ":" + std::to_string(next[from]++));
    }
  }
}

}  // namespace
}  // namespace naru::test
