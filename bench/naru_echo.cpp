// The echo server on naru: one worker, one send for each message.

#include <csignal>
#include <cstdint>
#include <system_error>
#include <type_traits>

#include <pthread.h>

#include <naru/naru.hpp>

#include "support/programs.hpp"

namespace naru::bench {
namespace {

template <typename T>
T value_of(result<T> outcome, const char* call) {
  if (!outcome) throw std::system_error{outcome.error(), call};
  if constexpr (!std::is_void_v<T>) return *outcome;
}

/// Blocked here, before there is a worker, so that only `sigwait` ever takes one.
sigset_t block_termination() {
  sigset_t signals{};
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void serve(std::uint16_t port) {
  const sigset_t termination = block_termination();
  network net{{.workers = 1}};
  value_of(net.start(), "start");
  const socket_id id = value_of(net.bind(tcp, endpoint::loopback_ipv4(port)), "bind");
  value_of(net.listen(id,
                      {.on_received =
                           [](connection& peer, bytes_view message) {
                             if (!peer.send(message)) peer.close();
                           }},
                      {.accept_queue_max = accept_queue_max}),
           "listen");
  announce(value_of(net.local_endpoint(id), "local_endpoint").port());

  int signal = 0;
  ::sigwait(&termination, &signal);
  value_of(net.stop(), "stop");
}

}  // namespace
}  // namespace naru::bench

int main(int argc, char** argv) {
  return naru::bench::run_server(argc, argv, "An echo server on naru", naru::bench::serve);
}
