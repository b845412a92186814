// Guarantees 1 to 3 under load: see close_storm.hpp. For a long run:
//   NARU_STORM_OPERATIONS=1000000 NARU_STORM_SEED=7 build/debug/bin/close_storm

#include "stress/close_storm.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/network_access.hpp"
#include "support/engines.hpp"
#include "support/patience.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t operations_usual = 40'000;
#else
constexpr std::uint64_t operations_usual = 200'000;
#endif

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread is made
  return text == nullptr ? otherwise : std::stoull(text);
}

class storm_test : public testing::TestWithParam<engine_under_test> {
 protected:
  explicit storm_test(transport over = tcp) : environment_{GetParam().make()} {
    plan_.over = over;
    const bool simulated = environment_->is_simulated();
    plan_.seed = from_environment("NARU_STORM_SEED", std::random_device{}());
    plan_.operations = from_environment("NARU_STORM_OPERATIONS", operations_usual);
    if (simulated) {
      plan_.operations /= 10;
      plan_.connections = 10;
      plan_.messages_per_thousand_min = 1;  // a byte at a time, and late, little arrives before it is cut off
      plan_.filler_bytes_max =
          std::clamp(environment_->bulk_bytes() / 64, std::size_t{10}, plan_.filler_bytes_max);
    }
    std::cout << "NARU_STORM_SEED=" << plan_.seed << " NARU_STORM_OPERATIONS=" << plan_.operations << '\n';
    server_ = make_running(3);
    client_ = make_running(2);
    storm_ = std::make_unique<close_storm>(plan_, *server_, *client_);
  }

  std::vector<std::jthread> let_loose() {
    storm_->begin();
    std::vector<std::jthread> threads;
    for (unsigned thread = 0; thread < plan_.threads; ++thread) {
      threads.emplace_back([this, thread] { storm_->meddle(thread); });
    }
    return threads;
  }

  void calm_down() {
    let_loose().clear();  // joins them
    storm_->calm_down();
    // A connection whose wake-up was lost stays open.
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!storm_->over() && std::chrono::steady_clock::now() < deadline) {
      storm_->calm_down();  // also those that came about meanwhile
      std::this_thread::sleep_for(10ms);
    }
    EXPECT_TRUE(storm_->over()) << "a connection hangs: " << storm_->summary();
    expect_all_well();
  }

  void stop_at_its_height() {
    std::vector<std::jthread> threads = let_loose();
    while (storm_->operations_done() < plan_.operations / 4) std::this_thread::sleep_for(1ms);
    {
      const std::jthread beside{[this] { EXPECT_TRUE(client_->stop()); }};
      EXPECT_TRUE(client_->stop(20ms));
      EXPECT_TRUE(server_->stop(20ms));
    }
    EXPECT_TRUE(storm_->over()) << "stop returned before the last on_closed: " << storm_->summary();
    storm_->stop();  // until now they went on, with shells
    threads.clear();
    expect_all_well();
  }

  void expect_all_well() {
    client_.reset();
    server_.reset();
    for (const std::string& complaint : storm_->verdict()) ADD_FAILURE() << complaint;
    std::cout << storm_->summary() << '\n';
  }

  storm_plan plan_;
  std::unique_ptr<engine_environment> environment_;
  std::unique_ptr<network> server_;
  std::unique_ptr<network> client_;
  std::unique_ptr<close_storm> storm_;

 private:
  std::unique_ptr<network> make_running(unsigned workers) {
    auto made = core::network_access::make({.workers = workers, .log = [](log_level, std::string_view) {}},
                                           environment_->make_platform());
    made->start().value();
    return made;
  }
};

class udp_storm_test : public storm_test {
 protected:
  udp_storm_test() : storm_test{udp} {}
};

INSTANTIATE_TEST_SUITE_P(engines, udp_storm_test, testing::ValuesIn(all_engines()), engine_name{});
INSTANTIATE_TEST_SUITE_P(engines, storm_test, testing::ValuesIn(all_engines()), engine_name{});

TEST_P(storm_test, when_it_calms_down_every_connection_ends_by_itself) {
  calm_down();
}

TEST_P(storm_test, stop_ends_it_at_its_height) {
  stop_at_its_height();
}

TEST_P(udp_storm_test, when_it_calms_down_every_connection_ends_by_itself) {
  calm_down();
}

TEST_P(udp_storm_test, stop_ends_it_at_its_height) {
  stop_at_its_height();
}

}  // namespace
}  // namespace naru::test
