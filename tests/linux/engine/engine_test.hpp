#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <list>
#include <memory>
#include <string_view>

#include <gtest/gtest.h>

#include <naru/endpoint.hpp>

#include "engine/engine.hpp"
#include "engine/platform.hpp"
#include "linux/engine/logs.hpp"
#include "linux/engine/peer.hpp"
#include "support/patience.hpp"

namespace naru::test {

/// A stream of the engine, by what it tells, and the peer that it is connected to.
struct link {
  stream_log& us;
  peer them;
};

/// An engine on its own, turned by the test, with sockets of the kernel's on the other side.
class engine_test : public testing::Test {
 protected:
  engine_test();
  /// Closes what the test has left open: an engine may only be destroyed with nothing open.
  ~engine_test() override;

  /// A stream that was accepted elsewhere and adopted, still paused.
  [[nodiscard]] link adopt(const engine::stream_options& options = {});
  /// The same, receiving.
  [[nodiscard]] link adopt_receiving();
  /// Begins to connect.
  [[nodiscard]] stream_log& connect(const endpoint& remote);
  /// Listens on loopback.
  [[nodiscard]] acceptor_log& listen(unsigned accept_queue_max = 4096);

  /// Turns the engine until it is so.
  template <std::predicate Condition>
  [[nodiscard]] testing::AssertionResult poll_until(Condition so) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!so()) {
      if (std::chrono::steady_clock::now() > deadline) {
        return testing::AssertionFailure() << "it did not come about in time";
      }
      engine_->poll(std::chrono::milliseconds{10});
    }
    return testing::AssertionSuccess();
  }

  /// Whether the engine has nothing to do: a poll waits for as long as it may.
  [[nodiscard]] testing::AssertionResult is_idle();

  std::shared_ptr<engine::platform> platform_;
  std::unique_ptr<engine::engine> engine_;
  peer_listener listener_;
  std::list<stream_log> streams_ = {};
  std::list<acceptor_log> acceptors_ = {};
};

/// Sends all of this from `offset` on, as far as it goes now, and moves the offset. Whether all was taken.
bool send_from(engine::stream& stream, std::string_view bytes, std::size_t& offset);

}  // namespace naru::test
