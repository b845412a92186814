// A flood of datagrams with forged senders: what it may cost strangers, and that it costs nobody else
// anything. NARU_FLOOD_PER_SECOND and NARU_FLOOD_SECONDS make it larger: the figures in docs/benchmarks.md
// are for 200,000 a second and 10 seconds.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

#include "linux/forger.hpp"
#include "linux/linux_udp_test.hpp"
#include "linux/udp_peer.hpp"

namespace naru::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
constexpr std::uint64_t usual_per_second = 6'000;
constexpr bool memory_is_measured = false;
#else
constexpr std::uint64_t usual_per_second = 60'000;
constexpr bool memory_is_measured = true;
#endif

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody sets any
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// A peer that sends a datagram every 20 ms and is echoed.
struct established_peer {
  udp_peer socket;
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
};

/// One that comes during the flood and tries again every 50 ms until it is greeted for its second datagram.
struct newcomer {
  udp_peer socket;
  std::chrono::milliseconds took = {};
  bool is_in = false;
};

class udp_flood : public linux_udp_test {
 protected:
  static constexpr std::size_t established_count = 50;
  static constexpr std::size_t newcomer_count = 100;

  const std::uint64_t per_second_ = number_from("NARU_FLOOD_PER_SECOND", usual_per_second);
  const std::chrono::seconds lasts_{number_from("NARU_FLOOD_SECONDS", 3)};
  /// At 200,000 a second what is the default: a stranger has 0.16 s for its second datagram.
  const std::size_t probation_max_ = per_second_ * 32'768 / 200'000;

  /// Echoes 'e', greets the second 'n' of a connection, says nothing to 'f'.
  endpoint serve(const stranger_options& strangers, bool confirms, const admission_options& admission = {}) {
    handlers own;
    own.on_received = [confirms](connection& self, bytes_view message) {
      const char kind = as_text(message).front();
      if (kind == 'e') {
        if (confirms) self.confirm();
        EXPECT_TRUE(self.send(message));
      } else if (kind == 'n' && self.stats().messages_received == 2) {
        EXPECT_TRUE(self.send("in"));
      }
    };
    own.on_closed = [this](connection& self, close_reason) {
      if (self.remote_endpoint().address()[0] == 127) ++known_closed_;
    };
    const socket_id id = server().bind(udp, environment_->bind_address()).value();
    server().listen(id, std::move(own), {.admission = admission, .strangers = strangers}).value();
    where_ = server().local_endpoint(id).value();
    return where_;
  }

  void exchange(established_peer& one, bool sends) {
    while (one.socket.receive_now()) ++one.answered;
    if (!sends) return;
    one.socket.send("e" + std::to_string(one.sent));
    ++one.sent;
  }

  void knock(newcomer& one, std::chrono::milliseconds since) {
    if (one.is_in) return;
    if (one.socket.receive_now()) {
      one.is_in = true;
      one.took = since;
    } else {
      one.socket.send("n");
    }
  }

  void establish() {
    for (std::size_t i = 0; i < established_count; ++i) {
      established_.push_back({.socket = udp_peer{}});
      established_.back().socket.connect(where_);
      for (int n = 0; n < 2; ++n) {
        exchange(established_.back(), true);
        ASSERT_TRUE(established_.back().socket.receive());
        ++established_.back().answered;
      }
    }
  }

  /// The flood, with the established peers beside it and, a second later, the newcomers.
  void flood(unsigned each, std::vector<newcomer>& newcomers) {
    forger strangers{where_, {.per_second = per_second_, .each = each}};
    const auto begin = steady_clock::now();
    const auto newcomers_begin = begin + 1s;
    auto next_knock = newcomers_begin;
    for (auto now = begin; now < begin + lasts_; now = steady_clock::now()) {
      for (established_peer& one : established_) exchange(one, true);
      if (now >= next_knock) {
        next_knock += 50ms;
        const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now - newcomers_begin);
        for (newcomer& one : newcomers) knock(one, since);
      }
      const network_stats stats = server().stats();
      EXPECT_LE(stats.udp.on_probation, probation_max_);
      most_open_ = std::max(most_open_, stats.open);
      std::this_thread::sleep_until(now + 20ms);
    }
    const std::chrono::duration<double> took = steady_clock::now() - begin;
    strangers.stop();
    forged_ = strangers.sent();
    std::cout << "forged: " << static_cast<double>(forged_) / took.count() << " a second\n";
  }

  void expect_nothing_lost() {
    // The last answers.
    EXPECT_TRUE(eventually([this] {
      for (established_peer& one : established_) exchange(one, false);
      return missing() <= server().stats().udp.lost_by_system;
    }));
    const std::uint64_t by_system = server().stats().udp.lost_by_system;
    std::cout << "missing: " << missing() << ", lost by the system: " << by_system << " of " << forged_
              << "\n";
    EXPECT_LE(by_system, forged_ / 1000);
    EXPECT_EQ(server().stats().messages_dropped, 0U);
    EXPECT_EQ(known_closed_, 0U) << "a known peer was sent away";
  }

  [[nodiscard]] std::uint64_t missing() const {
    std::uint64_t count = 0;
    for (const established_peer& one : established_) count += one.sent - one.answered;
    return count;
  }

  static std::size_t resident_bytes() {
    std::ifstream file{"/proc/self/statm"};
    std::size_t reserved = 0;
    std::size_t resident = 0;
    file >> reserved >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  }

  endpoint where_;
  std::vector<established_peer> established_;
  std::uint64_t forged_ = 0;
  std::uint64_t most_open_ = 0;
  std::atomic<std::uint64_t> known_closed_ = 0;
};

INSTANTIATE_TEST_SUITE_P(engines, udp_flood, testing::ValuesIn(kernel_engines()), engine_name{});

TEST_P(udp_flood, single_forged_datagrams_cost_established_peers_nothing_and_let_newcomers_in) {
  EXPECT_TRUE(in_own_network([this] {
    serve({.probation_max = probation_max_}, false);
    establish();
    const std::size_t before = resident_bytes();
    std::vector<newcomer> newcomers(newcomer_count);
    for (newcomer& one : newcomers) one.socket.connect(where_);
    flood(1, newcomers);
    const std::size_t grown = resident_bytes() - std::min(before, resident_bytes());

    std::size_t in_time = 0;
    for (const newcomer& one : newcomers) in_time += one.is_in && one.took <= 2s ? 1 : 0;
    std::cout << "newcomers in time: " << in_time << ", open at most: " << most_open_ << ", memory: " << grown
              << " bytes\n";
    EXPECT_GE(in_time, newcomer_count * 99 / 100);
    EXPECT_LE(most_open_, probation_max_ + established_count + newcomer_count);
    // 512 bytes a peer, and what an allocator keeps of those that went and of batches.
    if (memory_is_measured) {
      EXPECT_LE(grown, probation_max_ * 1024 + (std::size_t{16} << 20));
    }
    expect_nothing_lost();
  }));
}

TEST_P(udp_flood, forged_datagrams_that_leave_probation_cost_confirmed_peers_nothing) {
  EXPECT_TRUE(in_own_network([this] {
    constexpr std::size_t connections_max = 2'000;
    serve({.probation_max = probation_max_, .admissions_per_second = 0}, true,
          {.max_connections = connections_max});
    establish();
    std::vector<newcomer> nobody;
    flood(2, nobody);
    EXPECT_LE(most_open_, probation_max_ + connections_max);
    EXPECT_GT(server().stats().closed_by(close_cause::evicted), connections_max);
    expect_nothing_lost();
  }));
}

}  // namespace
}  // namespace naru::test
