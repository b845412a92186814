#include "support/naru_echo_server.hpp"

#include <csignal>
#include <system_error>
#include <type_traits>

#include <pthread.h>

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

}  // namespace

void serve_naru_echo(const naru_echo_options& options) {
  const sigset_t termination = block_termination();
  network net{{.workers = options.workers}};
  value_of(net.start(), "start");
  const socket_id id = value_of(
      net.bind(options.over, endpoint::loopback_ipv4(options.port), {.one_socket = options.one_socket}),
      "bind");
  value_of(net.listen(id,
                      {.on_received =
                           [](connection& peer, bytes_view message) {
                             if (!peer.send(message)) peer.close();
                           }},
                      // The peers of the benchmark are no strangers, and as many as it likes.
                      {.connection = {.udp = {.idle_timeout = {}}},
                       .accept_queue_max = accept_queue_max,
                       .admission = {.max_connections = 1'000'000},
                       .strangers = {.probation_max = 1'000'000, .admissions_per_second = 0}}),
           "listen");
  announce(value_of(net.local_endpoint(id), "local_endpoint").port());

  int signal = 0;
  ::sigwait(&termination, &signal);
  value_of(net.stop(), "stop");
}

}  // namespace naru::bench
