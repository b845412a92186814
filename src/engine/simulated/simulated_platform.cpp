#include "engine/simulated/simulated_platform.hpp"

#include <utility>

#include "engine/simulated/contract.hpp"
#include "engine/simulated/held_socket.hpp"
#include "engine/simulated/kernel.hpp"
#include "engine/simulated/simulated_engine.hpp"

namespace naru::engine::simulated {

simulated_platform::simulated_platform(std::shared_ptr<world> shared, const hostility& manners)
    : world_{std::move(shared)},
      manners_{manners},
      faults_{std::make_shared<fault_plan>()},
      numbers_{~manners.seed} {}

result<std::unique_ptr<engine>> simulated_platform::make_engine() {
  if (const std::error_code error = fault(operation::make_engine)) return std::unexpected{error};
  random seeds{manners_.seed + engines_made_.fetch_add(1)};
  return std::make_unique<simulated_engine>(world_, manners_, seeds.next(), faults_);
}

result<bound_socket> simulated_platform::bind_stream(const endpoint& local, const bind_options& options) {
  if (const std::error_code error = fault(operation::bind)) return std::unexpected{error};
  const std::shared_ptr<kernel>& system = world_->shared_kernel();
  const base::mutex_lock lock{system->mutex};
  auto bound = system->bind(local, options, manners_.pipe_bytes);
  if (!bound) return std::unexpected{bound.error()};
  const endpoint got = (*bound)->local;
  return bound_socket{.socket = wrap({.system = system, .bound = *std::move(bound)}), .local = got};
}

result<bound_datagrams> simulated_platform::bind_datagrams(const endpoint& local, const bind_options& options,
                                                           unsigned count) {
  require(count > 0, "at least one datagram socket is bound");
  if (const std::error_code error = fault(operation::bind)) return std::unexpected{error};
  const std::shared_ptr<kernel>& system = world_->shared_kernel();
  const base::mutex_lock lock{system->mutex};
  auto port = system->datagrams.bind(local, options, count, manners_.datagram_queue_bytes);
  if (!port) return std::unexpected{port.error()};
  bound_datagrams bound{.local = (*port)->local};
  for (unsigned i = 0; i < count; ++i) {
    bound.sockets.push_back(wrap({.system = system, .datagrams = *port, .first = i == 0}));
    system->count_socket();
  }
  return bound;
}

std::error_code simulated_platform::listen(const raw_socket& socket, unsigned accept_queue_max) {
  if (const std::error_code error = fault(operation::listen)) return error;
  const held_socket& held = peek(socket);
  require(held.bound != nullptr, "what is to listen was bound");
  const base::mutex_lock lock{held.system->mutex};
  held.system->listen(*held.bound, accept_queue_max);
  return {};
}

result<std::vector<endpoint>> simulated_platform::resolve(const std::string& host, std::uint16_t port) {
  if (const std::error_code error = fault(operation::resolve)) return std::unexpected{error};
  return world_->look_up(host, port);
}

std::error_code simulated_platform::fill_random(std::span<std::byte> place) noexcept {
  if (const std::error_code error = fault(operation::fill_random)) return error;
  const base::mutex_lock lock{random_mutex_};
  for (std::byte& next : place) next = static_cast<std::byte>(numbers_.next());
  return {};
}

const base::clock& simulated_platform::time() const noexcept {
  return world_->time();
}

void simulated_platform::fail_next(operation what, std::error_code error, unsigned count) {
  faults_->fail_next(what, error, count);
  world_->look_again();
}

std::error_code simulated_platform::fault(operation what) {
  const std::error_code own = faults_->take(what);
  return own ? own : world_->faults().take(what);
}

}  // namespace naru::engine::simulated
