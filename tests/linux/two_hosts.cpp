#include "linux/two_hosts.hpp"

#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/engine/child.hpp"

namespace naru::test {
namespace {

engine::descriptor current_network() {
  return engine::descriptor{::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)};
}

}  // namespace

two_hosts::two_hosts() : here_{current_network()} {
  if (!leave_network()) throw std::runtime_error{"the other host could not be made"};
  there_ = current_network();
  // ip(8) names a network by a process in it.
  const pid_t inhabitant = ::fork();
  if (inhabitant == 0) {
    ::pause();
    ::_exit(0);
  }
  enter(here_);
  run("ip link add va type veth peer name vb netns " + std::to_string(inhabitant));
  ::kill(inhabitant, SIGKILL);
  ::waitpid(inhabitant, nullptr, 0);
  run("ip link set va up");
  run_over_there("ip link set vb up");
}

void two_hosts::enter(const engine::descriptor& network) const {
  if (::setns(network.get(), CLONE_NEWNET) != 0) throw std::runtime_error{"a network could not be entered"};
}

void two_hosts::run(const std::string& command) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread of this process makes commands
  if (std::system(command.c_str()) != 0) throw std::runtime_error{"failed: " + command};
}

}  // namespace naru::test
