// R6.4: very many connections that stop inside a header or a message. They hold little, and none of them
// long. The figures in docs/benchmarks.md are of ten thousand, from outside the server's process.

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "linux/engine/peer.hpp"
#include "linux/linux_network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class stopped_messages : public linux_network_test {
 protected:
  static constexpr std::size_t count = 1'000;
  static constexpr std::chrono::milliseconds timeout = 1s;
};

INSTANTIATE_TEST_SUITE_P(engines, stopped_messages, testing::ValuesIn(kernel_engines()), engine_name{});

TEST_P(stopped_messages, R6_4_hold_little_memory_and_all_end_in_time) {
  const endpoint where =
      network_test::listen(server(), handlers{}, {.message_timeout = timeout, .linger_timeout = 1h});
  std::vector<peer> peers;
  peers.reserve(count);
  const std::size_t before = allocated_bytes();
  const std::string begin = size_prefix(1 << 20) + pattern(16);
  for (std::size_t i = 0; i < count; ++i) {
    peers.push_back(peer::connected_to(where));
    peers.back().send(std::string_view{begin}.substr(0, i % 2 == 0 ? 2 : begin.size()));
  }
  const auto last_sent = steady_clock::now();
  ASSERT_TRUE(eventually([&] { return server().stats().bytes_received == count / 2 * (2 + begin.size()); }));
  // Bytes of the connection, its watch and what is held of the message.
  constexpr std::size_t each_bytes_max = 1'024;
  if (memory_is_told) {
    EXPECT_LE(allocated_bytes() - before, count * each_bytes_max);
  }

  ASSERT_TRUE(eventually([&] { return server().stats().open == 0; }));
  EXPECT_LE(steady_clock::now() - last_sent, timeout + 500ms);
  EXPECT_EQ(server().stats().closed_by(close_cause::message_timeout), count);
}

}  // namespace
}  // namespace naru::test
