#pragma once

#include <concepts>
#include <stdexcept>
#include <string>

#include "engine/linux/descriptor.hpp"

namespace naru::test {

/// Two hosts with a cable between them: this process, in a network namespace of its own, and another one in
/// which it can make sockets and run commands. Here the end of the cable is `va`, there it is `vb`.
///
/// Only in a process that has left its network (`leave_network`).
class two_hosts {
 public:
  /// Throws `std::runtime_error` with what could not be done.
  two_hosts();

  /// Does something on the other host: sockets that are made there stay there.
  template <std::invocable Body>
  auto over_there(Body body) {
    enter(there_);
    struct back {
      const two_hosts& of;
      ~back() { of.enter(of.here_); }
    };
    const back at_the_end{*this};
    return body();
  }

  /// Runs a command here; one that fails throws.
  static void run(const std::string& command);
  void run_over_there(const std::string& command) {
    over_there([&] { run(command); });
  }

 private:
  void enter(const engine::descriptor& network) const;

  engine::descriptor here_;
  engine::descriptor there_;
};

}  // namespace naru::test
