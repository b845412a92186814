// R4.7, R5.3, guarantee 4: ten thousand connections, or as many as the limit of descriptors allows. Idle,
// half-closed and lingering ones cost no time; an announced size costs no memory; closing them all needs no
// deep stack.

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include <pthread.h>
#include <unistd.h>

#include "linux/engine/peer.hpp"
#include "linux/linux_network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

/// Memory of this process, in bytes (proc(5), statm).
struct memory_use {
  std::size_t reserved = 0;
  std::size_t resident = 0;

  static memory_use now() {
    std::ifstream file{"/proc/self/statm"};
    memory_use pages;
    file >> pages.reserved >> pages.resident;
    const auto page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return {pages.reserved * page_bytes, pages.resident * page_bytes};
  }
};

class very_many : public linux_network_test {
 protected:
  /// Opens them all, and waits until the server has them.
  std::vector<peer> open_all(const endpoint& where) {
    const std::size_t count = very_many_connections();
    std::vector<peer> peers;
    peers.reserve(count);
    while (peers.size() < count) {
      for (std::size_t batch = std::min<std::size_t>(500, count - peers.size()); batch > 0; --batch) {
        peers.push_back(peer::connected_to(where));
      }
      if (!at_server_.connected(peers.size())) throw std::runtime_error{"they are not all accepted"};
    }
    return peers;
  }

  static constexpr double idle_percent_max = 1.0;
};

INSTANTIATE_TEST_SUITE_P(engines, very_many, testing::ValuesIn(kernel_engines()), engine_name{});

TEST_P(very_many, R4_7_idle_connections_do_not_spin) {
  const std::vector<peer> peers = open_all(listen());
  EXPECT_LE(idle_percent(), idle_percent_max);
}

TEST_P(very_many, R3_6_half_closed_connections_do_not_spin) {
  std::vector<peer> peers = open_all(listen({.half_open = true}));
  for (peer& other : peers) other.shutdown_send();
  ASSERT_TRUE(at_server_.peer_ended(peers.size()));
  EXPECT_LE(idle_percent(), idle_percent_max);
}

TEST_P(very_many, R3_4_closing_connections_whose_peers_do_not_end_do_not_spin) {
  std::vector<peer> peers = open_all(listen({.linger_timeout = 1h}));
  for (const auto& mine : at_server_.shells()) mine->close();
  for (peer& other : peers) EXPECT_EQ(other.receive_end(), 0);
  EXPECT_LE(idle_percent(), idle_percent_max);
  EXPECT_EQ(server().stats().open, peers.size()) << "they linger";
}

TEST_P(very_many, R4_7_paused_connections_with_input_do_not_spin) {
  std::vector<peer> peers =
      open_all(listen({}, {.connected = [](connection& self) { self.pause_receiving(); }}));
  for (peer& other : peers) other.send(framed("waits"));
  EXPECT_LE(idle_percent(), idle_percent_max);
}

TEST_P(very_many, R5_3_a_size_that_is_announced_costs_no_memory) {
  constexpr std::size_t largest = 0xffff'ffff;
  std::vector<peer> peers =
      open_all(listen({.max_message_bytes = largest, .backlog_bytes_max = largest + 4}));
  const memory_use before = memory_use::now();
  for (peer& other : peers) other.send(size_prefix(largest) + pattern(100));
  ASSERT_TRUE(eventually([&] { return server().stats().bytes_received == peers.size() * 104; }));
  const memory_use after = memory_use::now();

  // A few hundred bytes each, and what an allocator (a sanitizer's above all) makes of it.
  constexpr std::size_t each_bytes_max = 4096;
  EXPECT_LE(after.resident, before.resident + peers.size() * each_bytes_max);
  EXPECT_LE(after.reserved, before.reserved + peers.size() * each_bytes_max + (std::size_t{256} << 20));
  EXPECT_EQ(at_server_.shells().size(), peers.size());
}

#ifdef __SANITIZE_THREAD__
// ThreadSanitizer keeps its own thread-local memory on the stack.
constexpr std::size_t small_stack_bytes = std::size_t{4} << 20;
#else
constexpr std::size_t small_stack_bytes = std::size_t{256} << 10;
#endif

TEST_P(very_many, all_closed_at_once_on_a_small_stack) {
  // Closing from close callbacks must not recurse (CVE-2022-23606). Each on_closed here closes the next ones.
  pthread_attr_t small = {};
  pthread_attr_t usual = {};
  ASSERT_EQ(::pthread_getattr_default_np(&usual), 0);
  ASSERT_EQ(::pthread_attr_init(&small), 0);
  ASSERT_EQ(::pthread_attr_setstacksize(&small, small_stack_bytes), 0);
  ASSERT_EQ(::pthread_setattr_default_np(&small), 0);
  std::vector<std::shared_ptr<connection>> shells;
  const endpoint where = listen({}, {.closed = [&](connection&, close_reason) {
                                  for (int n = 0; n < 2 && !shells.empty(); ++n) {
                                    shells.back()->abort();
                                    shells.pop_back();
                                  }
                                }});
  ASSERT_EQ(::pthread_setattr_default_np(&usual), 0);

  const std::vector<peer> peers = open_all(where);
  ASSERT_TRUE(at_server_.shell()->post([&](connection& self) {
    shells = at_server_.shells();
    self.abort();
  }));
  EXPECT_TRUE(at_server_.closed(peers.size()));
  ASSERT_TRUE(server().stop());
  shells.clear();
}

TEST_P(very_many, stop_ends_them_all) {
  const std::vector<peer> peers = open_all(listen());
  ASSERT_TRUE(server().stop());
  EXPECT_TRUE(at_server_.closed(peers.size()));
}

}  // namespace
}  // namespace naru::test
