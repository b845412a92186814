#include "engine/simulated/world.hpp"

#include <utility>

#include "engine/simulated/kernel.hpp"

namespace naru::engine::simulated {

world::world(world_options options) : kernel_{std::make_shared<kernel>()}, manual_time_{options.manual_time} {
  add_name("localhost", {endpoint::loopback_ipv6(0), endpoint::loopback_ipv4(0)});
}

world::~world() = default;

void world::add_name(std::string host, std::vector<endpoint> addresses, std::shared_ptr<lookup_gate> gate) {
  const base::mutex_lock lock{names_mutex_};
  names_[std::move(host)] = {.addresses = std::move(addresses), .gate = std::move(gate)};
}

result<std::vector<endpoint>> world::look_up(const std::string& host, std::uint16_t port) {
  name_entry known;
  if (const auto itself = endpoint::parse(host.contains(':') ? '[' + host + "]:0" : host + ":0")) {
    known.addresses = {*itself};
  } else {
    const base::mutex_lock lock{names_mutex_};
    if (const auto found = names_.find(host); found != names_.end()) known = found->second;
  }
  if (known.gate != nullptr) known.gate->pass();
  if (known.addresses.empty()) return std::unexpected{make_error_code(errc::name_not_found)};
  for (endpoint& address : known.addresses) address = address.with_port(port);
  return std::move(known.addresses);
}

void world::fail_next(operation what, std::error_code error, unsigned count) {
  faults_.fail_next(what, error, count);
  look_again();
}

void world::look_again() {
  const base::mutex_lock lock{kernel_->mutex};
  kernel_->kick_all();
}

const base::clock& world::time() const noexcept {
  if (manual_time_) return manual_time_source_;
  return real_time_source_;
}

void world::advance(std::chrono::nanoseconds by) {
  manual_time_source_.advance(by);
  const base::mutex_lock lock{kernel_->mutex};
  kernel_->wake_all();
}

bool world::wait_until_idle(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  base::mutex_lock lock{kernel_->mutex};
  while (!kernel_->all_idle()) {
    if (!kernel_->engine_blocked.wait_until(lock, deadline)) return kernel_->all_idle();
  }
  return true;
}

std::size_t world::socket_count() const {
  const base::mutex_lock lock{kernel_->mutex};
  return kernel_->socket_count();
}

}  // namespace naru::engine::simulated
