#include "linux/linux_network_test.hpp"

#include <algorithm>
#include <thread>

#include <malloc.h>
#include <sys/resource.h>

namespace naru::test {

std::vector<engine_under_test> kernel_engines() {
  std::vector<engine_under_test> engines = all_engines();
  std::erase_if(engines, [](const engine_under_test& engine) { return engine.make()->is_simulated(); });
  return engines;
}

endpoint linux_network_test::listen_and_echo(const connection_options& options) {
  return listen(options,
                {.received = [](connection& peer, bytes_view message) { EXPECT_TRUE(peer.send(message)); }});
}

std::chrono::microseconds processor_time() {
  rusage used = {};
  ::getrusage(RUSAGE_SELF, &used);
  const auto in_microseconds = [](const timeval& time) {
    return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
  };
  return in_microseconds(used.ru_utime) + in_microseconds(used.ru_stime);
}

double idle_percent() {
  // The quietest of several spans: what was begun before, such as the acknowledgements of ten thousand ends,
  // is still being told of in the first one, while somebody who spins does so in all of them.
  constexpr int spans = 3;
  constexpr std::chrono::microseconds span = std::chrono::milliseconds{500};
  auto least = std::chrono::microseconds::max();
  for (int i = 0; i < spans; ++i) {
    const auto before = processor_time();
    std::this_thread::sleep_for(span);
    least = std::min(least, processor_time() - before);
  }
  return 100.0 * static_cast<double>(least.count()) / static_cast<double>(span.count());
}

std::size_t very_many_connections() {
  rlimit limit = {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  constexpr rlim_t others = 200;
  return std::min<std::size_t>(10'000, (limit.rlim_cur - others) / 2);
}

std::size_t allocated_bytes() {
  const struct mallinfo2 told = ::mallinfo2();
  return told.uordblks + told.hblkhd;
}

}  // namespace naru::test
