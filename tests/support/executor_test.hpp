#pragma once

#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "support/executors.hpp"
#include "support/udp_test.hpp"

namespace naru::test {

/// A server whose handlers run on an executor, and its clients.
class executor_test : public udp_test {
 protected:
  executor_test() { at_server_.expect_any_thread(); }
  void TearDown() override {
    using namespace std::chrono_literals;
    // Networks end when their handlers have run.
    event ended;
    std::jthread runs_what_is_left{[&] {
      while (!ended.wait_for(1ms)) shelf_.run();
    }};
    destroy_networks();
    ended.set();
    runs_what_is_left.join();
    udp_test::TearDown();
  }

  /// A server whose handlers run there.
  endpoint serve(transport over, std::shared_ptr<const executor> there, hooks also = {},
                 connection_options options = {}) {
    options.handlers_on = std::move(there);
    return over == tcp ? listen(options, std::move(also)) : lease({.connection = options}, std::move(also));
  }
  std::shared_ptr<connection> call(transport over, const endpoint& where) {
    return over == tcp ? connect(where).lock() : connect_udp(where);
  }
  /// The thread of the server's only worker.
  std::thread::id worker_thread() {
    std::thread::id found;
    event known;
    server()
        .after(std::chrono::milliseconds{0},
               [&] {
                 found = std::this_thread::get_id();
                 known.set();
               })
        .value();
    EXPECT_TRUE(known.wait());
    return found;
  }
  testing::AssertionResult server_has_received(std::uint64_t messages) {
    return eventually([&] { return server().stats().messages_received == messages; });
  }

  task_shelf shelf_;
};

}  // namespace naru::test
