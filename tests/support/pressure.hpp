#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "support/udp_test.hpp"

namespace naru::test {

/// A message that says which one it is.
[[nodiscard]] inline std::string numbered(std::size_t number, std::size_t bytes = 0) {
  const std::string head = std::to_string(number) + ":";
  return head + pattern(std::max(bytes, head.size()) - head.size(), number);
}

/// Whether all of these are among those, in the same order.
[[nodiscard]] inline bool are_some_of(const std::vector<std::string>& some,
                                      const std::vector<std::string>& all) {
  auto next = all.begin();
  for (const std::string& each : some) {
    next = std::find(next, all.end(), each);
    if (next == all.end()) return false;
    ++next;
  }
  return true;
}

/// Runs something as if it were a handler of this connection, and waits for its end.
[[nodiscard]] inline testing::AssertionResult run_inside(connection& of,
                                                         const std::function<void(connection&)>& task) {
  const auto done = std::make_shared<event>();
  const auto posted = of.post([task, done](connection& self) {
    task(self);
    done->set();
  });
  if (!posted) return testing::AssertionFailure() << posted.error();
  return done->wait();
}

/// Where a message comes from: both ways lead to the same queue, and the same has to hold on both.
enum class sender { handler, thread };

/// In a simulated world whose time passes when the test says so, and whose streams hold little: how much of
/// what was sent waits is known to the byte, once all have settled.
class pressure_test : public udp_time_test {
 protected:
  static constexpr std::size_t pipe_bytes = 1000;
  static constexpr std::size_t receive_bytes = 500;

  static engine::simulated::hostility narrow() {
    engine::simulated::hostility manners;
    manners.pipe_bytes = pipe_bytes;
    manners.receive_bytes_max = receive_bytes;
    return manners;
  }
  pressure_test() : udp_time_test{narrow()} {}

  /// Does this on the worker or here, and lets all settle.
  void from(sender where, connection& of, const std::function<void(connection&)>& act) {
    if (where == sender::handler) {
      EXPECT_TRUE(run_inside(of, act));
    } else {
      act(of);
    }
    settle();
  }

  /// Opens a link whose server does not read.
  link open_deaf_link(link_options options) {
    link pair = open_link(std::move(options));
    pair.server->pause_receiving();
    settle();
    return pair;
  }

  /// Sends messages to a peer that does not read until one has begun to leave and has to wait; answers them.
  std::vector<std::string> clog(connection& to) {
    std::vector<std::string> sent;
    while (to.backlog_bytes() == 0) {
      sent.push_back(numbered(10'000 + sent.size(), 87));  // with 4 bytes of framing no divisor of the pipe
      EXPECT_TRUE(to.send(sent.back()));
      settle();
    }
    return sent;
  }
};

}  // namespace naru::test
