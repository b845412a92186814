// "Bad input": signals during system calls, and SIGPIPE.

#include <atomic>
#include <csignal>

#include <sys/time.h>

#include "linux/engine/peer.hpp"
#include "linux/linux_network_test.hpp"

namespace naru::test {
namespace {

std::atomic<unsigned> alarms = 0;

/// While it lives, SIGALRM interrupts whatever thread it hits a thousand times a second, without SA_RESTART,
/// so that system calls fail with EINTR (signal(7)).
class alarm_storm {
 public:
  alarm_storm() {
    struct sigaction action = {};
    action.sa_handler = [](int) { ++alarms; };
    ::sigaction(SIGALRM, &action, &former_);
    arm(1000);
  }
  alarm_storm(const alarm_storm&) = delete;
  alarm_storm& operator=(const alarm_storm&) = delete;
  ~alarm_storm() {
    arm(0);
    ::sigaction(SIGALRM, &former_, nullptr);
  }

 private:
  static void arm(long microseconds) {
    itimerval every = {};
    every.it_interval.tv_usec = microseconds;
    every.it_value.tv_usec = microseconds;
    ::setitimer(ITIMER_REAL, &every, nullptr);
  }

  struct sigaction former_ = {};
};

class signals : public linux_network_test {};

INSTANTIATE_TEST_SUITE_P(engines, signals, testing::ValuesIn(kernel_engines()), engine_name{});

TEST_P(signals, system_calls_that_are_interrupted_lose_nothing) {
  const alarm_storm storm;
  alarms = 0;
  const endpoint where = listen_and_echo();
  std::string all;
  std::size_t rounds = 0;
  for (; alarms < 200; ++rounds) {
    const auto mine = connect(where).lock();
    ASSERT_TRUE(mine->send(pattern(100'000, rounds)));
    ASSERT_TRUE(at_client_.received(rounds + 1));
    mine->close();
    ASSERT_TRUE(at_client_.closed(rounds + 1));
    all = at_client_.at(rounds).stream();
    ASSERT_TRUE(all == pattern(100'000, rounds));
  }
  ASSERT_TRUE(at_server_.closed(rounds));
  for (const record& entry : at_server_.all()) EXPECT_EQ(*entry.closed, close_cause::peer);
}

TEST_P(signals, a_send_to_a_peer_that_is_gone_raises_no_SIGPIPE) {
  ASSERT_NE(std::signal(SIGPIPE, SIG_DFL), SIG_ERR);  // which ends the process, were it raised
  peer gone = peer::connected_to(listen({.half_open = true}));
  ASSERT_TRUE(at_server_.connected());
  const auto mine = at_server_.shell();
  gone.close();
  while (mine->send(pattern(1000))) {
  }
  ASSERT_TRUE(at_server_.closed());
  EXPECT_EQ(*at_server_.at().closed, close_cause::reset);
}

}  // namespace
}  // namespace naru::test
