#pragma once

#include <concepts>
#include <cstdio>
#include <exception>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <naru/endpoint.hpp>

namespace naru::test {

/// Runs a part of a test in a process of its own, for what cannot be undone. Its expectations count.
template <std::invocable Body>
[[nodiscard]] testing::AssertionResult in_child(Body body) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) return testing::AssertionFailure() << "no process could be made";
  if (child == 0) {
    body();
    std::fflush(nullptr);
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "the child failed, with status " << status;
}

/// Gives this process a network of its own, with nothing but loopback. False when it is not allowed to.
[[nodiscard]] bool leave_network();

/// Whether it is, without doing it.
[[nodiscard]] bool can_leave_network();

/// Runs a part of a test in a process with a network of its own, loopback alone, and then, however that went,
/// what the end of the test needs.
template <std::invocable Body, std::invocable End>
[[nodiscard]] testing::AssertionResult in_own_network(Body body, End end) {
  if (!can_leave_network()) {
    return testing::AssertionFailure()
           << "this test makes a network namespace: run it as root, or allow user namespaces";
  }
  return in_child([&] {
    EXPECT_TRUE(leave_network());
    try {
      body();
    } catch (const std::exception& failed) {
      ADD_FAILURE() << failed.what();
    }
    end();
  });
}

/// Gives the loopback interface another IPv4 address. Only after `leave_network`.
[[nodiscard]] bool add_loopback_address(const endpoint& address);

/// From now on this process cannot make IPv6 sockets, as on a system without IPv6. False when it cannot be
/// done.
[[nodiscard]] bool forbid_ipv6();

/// While it lives, no more descriptors can be had than so many.
class descriptor_limit {
 public:
  explicit descriptor_limit(int spare);
  descriptor_limit(const descriptor_limit&) = delete;
  descriptor_limit& operator=(const descriptor_limit&) = delete;
  ~descriptor_limit();

 private:
  unsigned long former_ = 0;
};

}  // namespace naru::test
