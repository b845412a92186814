#include <algorithm>
#include <string>
#include <utility>

#include <naru/network.hpp>

#include "core/manager.hpp"
#include "core/process.hpp"

namespace naru {

network::network(network_options options) : manager_{std::make_shared<core::manager>(std::move(options))} {}

network::network(std::shared_ptr<core::manager> manager) noexcept : manager_{std::move(manager)} {}

network::~network() {
  manager_->end();
}

result<void> network::initialize() {
  if (const std::error_code error = core::hold_process()) return std::unexpected{error};
  return {};
}

void network::finalize() noexcept {
  core::release_process();
}

result<void> network::start() {
  return manager_->start();
}

result<void> network::stop(std::chrono::milliseconds grace) {
  return manager_->stop(grace);
}

bool network::is_running() const noexcept {
  return manager_->is_running();
}

unsigned network::worker_count() const noexcept {
  return manager_->worker_count();
}

network_stats network::stats() const noexcept {
  return manager_->stats();
}

result<void> network::poll(std::chrono::milliseconds wait) {
  return manager_->poll(wait);
}

result<timer> network::after(std::chrono::milliseconds delay, std::move_only_function<void()> call) {
  return manager_->after(delay, std::move(call));
}

result<timer> network::every(std::chrono::milliseconds period, std::move_only_function<void()> call) {
  return manager_->every(period, std::move(call));
}

result<socket_id> network::bind(transport over, const endpoint& local, const bind_options& options) {
  return manager_->bind(over, local, options);
}

result<socket_id> network::bind(transport over, std::string_view local, const bind_options& options) {
  const auto address = endpoint::parse(local);
  if (address) return bind(over, *address, options);
  // A name is no mistake in the writing; it deserves its own answer. Port 0, which only bind takes, is no
  // reason not to say so.
  const std::size_t colon = std::min(local.rfind(':'), local.size());
  const bool has_port = endpoint::parse("0.0.0.0" + std::string{local.substr(colon)}).has_value();
  if (has_port && host_port::parse(std::string{local.substr(0, colon)} + ":1")) {
    return std::unexpected{make_error_code(errc::address_needed)};
  }
  return std::unexpected{address.error()};
}

result<void> network::listen(socket_id id, handlers own, const listen_options& options) {
  return listen_shared(id, std::make_shared<const handlers>(std::move(own)), options);
}

result<void> network::listen_shared(socket_id id, std::shared_ptr<const handlers> shared,
                                    const listen_options& options) {
  return manager_->listen(id, std::move(shared), options);
}

result<endpoint> network::local_endpoint(socket_id id) const {
  return manager_->local_endpoint(id);
}

result<void> network::close(socket_id id) {
  return manager_->close(id);
}

result<void> network::drain(socket_id id, std::chrono::milliseconds grace) {
  return manager_->drain(id, grace);
}

result<std::weak_ptr<connection>> network::connect(transport over, std::string_view remote, handlers own,
                                                   const connect_options& options) {
  return connect_shared(over, remote, std::make_shared<const handlers>(std::move(own)), options);
}

result<std::weak_ptr<connection>> network::connect(transport over, const endpoint& remote, handlers own,
                                                   const connect_options& options) {
  return connect_shared(over, remote, std::make_shared<const handlers>(std::move(own)), options);
}

result<std::weak_ptr<connection>> network::connect_shared(transport over, std::string_view remote,
                                                          std::shared_ptr<const handlers> shared,
                                                          const connect_options& options) {
  auto name = host_port::parse(remote);
  if (!name) return std::unexpected{name.error()};
  if (const auto address = endpoint::parse(remote)) {
    return connect_shared(over, *address, std::move(shared), options);
  }
  return manager_->connect(over, {.name = *std::move(name)}, std::move(shared), options);
}

result<std::weak_ptr<connection>> network::connect_shared(transport over, const endpoint& remote,
                                                          std::shared_ptr<const handlers> shared,
                                                          const connect_options& options) {
  if (remote.family() == address_family::none || remote.port() == 0) {
    return std::unexpected{make_error_code(errc::invalid_endpoint)};
  }
  return manager_->connect(over, {.address = remote}, std::move(shared), options);
}

}  // namespace naru
