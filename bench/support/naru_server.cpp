#include "support/naru_server.hpp"

#include <csignal>
#include <system_error>
#include <type_traits>
#include <utility>

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

listen_options benchmark_listener() {
  return {.connection = {.udp = {.idle_timeout = {}}},
          .accept_queue_max = accept_queue_max,
          .admission = {.max_connections = 1'000'000},
          .strangers = {.probation_max = 1'000'000, .admissions_per_second = 0}};
}

void serve(naru_server server, std::shared_ptr<const handlers> own,
           const std::function<void(const network&)>& at_end) {
  const sigset_t termination = block_termination();
  network net{std::move(server.network)};
  value_of(net.start(), "start");
  const socket_id id =
      value_of(net.bind(server.over, endpoint::loopback_ipv4(server.port), server.bind), "bind");
  value_of(net.listen(id, std::move(own), server.listen), "listen");
  announce(value_of(net.local_endpoint(id), "local_endpoint").port());

  int signal = 0;
  ::sigwait(&termination, &signal);
  at_end(net);
  value_of(net.stop(), "stop");
}

}  // namespace naru::bench
