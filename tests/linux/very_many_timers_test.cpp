// A million timers that wait: what they take, and that they take no time.

#include <atomic>
#include <chrono>
#include <cstddef>

#include "linux/linux_network_test.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t very_many_timer_count = 50'000;
#else
constexpr std::size_t very_many_timer_count = 1'000'000;
#endif

class very_many_timers : public linux_network_test {
 protected:
  /// Until the workers have all that they were sent.
  static testing::AssertionResult arrive(network& all) {
    std::atomic<unsigned> arrived = 0;
    for (unsigned i = 0; i < all.worker_count(); ++i) {
      if (!all.after(0ms, [&] { ++arrived; })) return testing::AssertionFailure() << "no memory";
    }
    return eventually([&] { return arrived == all.worker_count(); });
  }
};

INSTANTIATE_TEST_SUITE_P(engines, very_many_timers, testing::ValuesIn(kernel_engines()), engine_name{});

TEST_P(very_many_timers, a_million_take_96_bytes_each_and_no_time) {
  network& all = start_network(2);
  ASSERT_TRUE(arrive(all));
  const std::size_t before = allocated_bytes();
  for (std::size_t i = 0; i < very_many_timer_count; ++i) {
    const auto time = 1h + std::chrono::milliseconds{i};
    ASSERT_TRUE(i % 2 == 0 ? all.after(time, [] {}) : all.every(time, [] {}));
  }
  ASSERT_TRUE(arrive(all));
  if (memory_is_told) {
    const std::size_t taken = allocated_bytes() - before;
    EXPECT_LE(taken, very_many_timer_count * 96 + 10'000);
  }
  EXPECT_LE(idle_percent(), 1.0);
  ASSERT_TRUE(all.stop());
  if (memory_is_told) {
    EXPECT_LE(allocated_bytes(), before);
  }
}

TEST_P(very_many_timers, those_of_one_connection_take_128_bytes_each) {
  const link pair = open_link();
  std::size_t before = 0;
  std::size_t after = 0;
  event done;
  ASSERT_TRUE(pair.server->post([&](connection& self) {
    before = allocated_bytes();
    for (std::size_t i = 0; i < very_many_timer_count / 10; ++i) {
      ASSERT_TRUE(self.after(1h, [](connection&) {}));
    }
    after = allocated_bytes();
    done.set();
  }));
  ASSERT_TRUE(done.wait());
  if (memory_is_told) {
    EXPECT_LE(after - before, very_many_timer_count / 10 * 128 + 10'000);
  }
}

}  // namespace
}  // namespace naru::test
