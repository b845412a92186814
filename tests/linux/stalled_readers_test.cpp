// R4.2, R4.7: readers that never read, beside others that do, under broadcast. No limit is passed, and those
// who read miss nothing. The figures in docs/benchmarks.md are of a thousand of each.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <sys/socket.h>

#include <naru/group.hpp>

#include "linux/engine/peer.hpp"
#include "linux/linux_network_test.hpp"

namespace naru::test {
namespace {

class stalled_readers : public linux_network_test {
 protected:
  static constexpr std::size_t count = 60;
  static constexpr std::uint64_t messages = 3'000;
  static constexpr std::uint64_t burst = 20;
  static constexpr std::size_t message_bytes = 100;
  static constexpr std::size_t backlog_max = std::size_t{64} << 10;
  // What the system keeps of one that never reads: what came, and what waits for that.
  static constexpr int receive_buffer_bytes = 4096;
  static constexpr std::size_t kernel_unsent_max = std::size_t{16} << 10;

  struct outcome {
    network_stats stats = {};
    group_stats everybody = {};
  };

  /// A message with its number.
  static std::string numbered(std::uint64_t number) {
    std::string text = std::to_string(number) + ' ';
    text.resize(message_bytes, 'm');
    return text;
  }

  /// Stalled ones and others join, and hear so many messages. The others must get all, in order; the stalled
  /// ones may queue no byte too much.
  outcome broadcast(backlog_policy policy, std::size_t memory_max, unsigned workers = 2) {
    network& chat = start_network({.workers = workers, .memory_max = memory_max});
    group everybody;
    std::atomic<std::uint64_t> highest = 0;
    const endpoint where = network_test::listen(
        chat,
        handlers{.on_connected = [&](connection& who) { EXPECT_TRUE(everybody.add(who)); },
                 .on_closed =
                     [&](connection& who, const close_reason&) {
                       const std::uint64_t mine = who.stats().backlog_bytes_highest;
                       std::uint64_t before = highest;
                       while (mine > before && !highest.compare_exchange_weak(before, mine)) {
                       }
                     }},
        {.max_message_bytes = 1024,
         .backlog_bytes_max = backlog_max,
         .when_backlog_full = policy,
         .kernel_unsent_bytes_max = kernel_unsent_max});
    const std::vector<peer> stalled = join_stalled(where);
    std::atomic<std::uint64_t> received = 0;
    join_readers(where, received);
    EXPECT_TRUE(eventually([&] { return everybody.size() == 2 * count; }));

    for (std::uint64_t i = 0; i < messages; ++i) {
      EXPECT_TRUE(everybody.send(numbered(i)));
      // The readers keep up: what is in question is not their backlog.
      if (i % burst == burst - 1) {
        EXPECT_TRUE(eventually([&] { return received == count * (i + 1); }));
      }
    }
    const outcome seen{.stats = chat.stats(), .everybody = everybody.stats()};
    EXPECT_EQ(seen.stats.messages_dropped + seen.stats.messages_refused > 0 ||
                  seen.stats.closed_by(close_cause::backlog) > 0,
              true)
        << "nobody was stalled";
    EXPECT_TRUE(chat.stop());
    EXPECT_LE(highest, backlog_max);
    EXPECT_LE(seen.stats.memory_bytes_highest, memory_max);
    EXPECT_EQ(received, count * messages) << "those who read miss nothing";
    return seen;
  }

 private:
  static std::vector<peer> join_stalled(const endpoint& where) {
    std::vector<peer> stalled = crowd_at(where, count);
    for (const peer& each : stalled) {
      ::setsockopt(each.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
    }
    return stalled;
  }

  void join_readers(const endpoint& where, std::atomic<std::uint64_t>& received) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto next = std::make_shared<std::uint64_t>(0);
      network_test::connect(client(), where,
                            handlers{.on_received = [&received, next](connection&, bytes_view message) {
                              EXPECT_EQ(as_text(message), numbered((*next)++));
                              ++received;
                            }});
    }
  }
};

INSTANTIATE_TEST_SUITE_P(engines, stalled_readers, testing::ValuesIn(kernel_engines()), engine_name{});

TEST_P(stalled_readers, R4_2_that_lose_the_oldest_stay_and_queue_no_byte_too_much) {
  constexpr std::size_t wide = std::size_t{16} << 20;
  const outcome seen = broadcast(backlog_policy::drop_oldest, wide);
  EXPECT_EQ(seen.stats.open, 2 * count);
  EXPECT_EQ(seen.everybody.copies, 2 * count * messages) << "all are taken, some are dropped later";
  EXPECT_EQ(seen.everybody.refused, 0U);
}

TEST_P(stalled_readers, R4_2_that_are_ended_leave_the_group) {
  constexpr std::size_t wide = std::size_t{16} << 20;
  const outcome seen = broadcast(backlog_policy::close, wide);
  EXPECT_EQ(seen.stats.closed_by(close_cause::backlog), count);
  EXPECT_EQ(seen.stats.open, count);
}

TEST_P(stalled_readers, R4_7_are_ended_first_where_the_budget_is_too_small_for_them) {
  constexpr std::size_t narrow = std::size_t{1} << 20;
  // One worker: each ends the largest of its own, and another one may have no stalled ones any more.
  const outcome seen = broadcast(backlog_policy::drop_oldest, narrow, 1);
  EXPECT_GT(seen.stats.closed_by(close_cause::memory), 0U);
  EXPECT_EQ(seen.stats.open + seen.stats.closed_by(close_cause::memory), 2 * count);
}

}  // namespace
}  // namespace naru::test
