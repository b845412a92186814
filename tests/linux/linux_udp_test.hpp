#pragma once

#include "linux/engine/child.hpp"
#include "linux/linux_network_test.hpp"
#include "support/udp_test.hpp"

namespace naru::test {

/// UDP beside sockets that the test makes itself, by system calls.
class linux_udp_test : public udp_test {
 protected:
  /// Runs a test in a process with a network of its own, loopback alone, with its checks of the end.
  template <typename Body>
  testing::AssertionResult in_own_network(Body body) {
    return test::in_own_network(body, [this] { TearDown(); });
  }
};

}  // namespace naru::test
