#include "engine/simulated/kernel.hpp"

#include <algorithm>
#include <utility>

#include "engine/simulated/whereabouts.hpp"

namespace naru::engine::simulated {

result<std::shared_ptr<port>> kernel::bind(const endpoint& local, const bind_options& options,
                                           std::size_t pipe_bytes) {
  const result<claim> taken = claims_.take(local, options);
  if (!taken) return std::unexpected{taken.error()};
  auto bound = std::make_shared<port>(port{*taken, pipe_bytes});
  ports_.push_back(bound);
  ++sockets_;
  return bound;
}

void kernel::listen(port& bound, unsigned accept_queue_max) {
  bound.listening = true;
  bound.accept_queue_max = std::max(accept_queue_max, 1U);
}

void kernel::release(const std::shared_ptr<port>& bound) {
  for (const auto& waiting : bound->accept_queue) waiting->close(side::server, close_mode::reset);
  bound->accept_queue.clear();
  bound->acceptor = nullptr;
  std::erase(ports_, bound);
  claims_.give_back(*bound);
  --sockets_;
  kick_all();  // whoever waited for room in the queue is refused now
}

std::shared_ptr<link> kernel::accept(port& bound) {
  if (bound.accept_queue.empty()) return nullptr;
  std::shared_ptr<link> first = std::move(bound.accept_queue.front());
  bound.accept_queue.pop_front();
  if (bound.accept_queue.size() + 1 == bound.accept_queue_max) kick_all();
  return first;
}

result<std::shared_ptr<link>> kernel::connect(const endpoint& remote, std::size_t pipe_bytes) {
  const endpoint target = concrete(remote);
  switch (find(target)) {
    case whereabouts::silent:
      return nullptr;
    case whereabouts::unreachable:
      return std::unexpected{std::make_error_code(std::errc::network_unreachable)};
    case whereabouts::here:
      break;
  }
  const std::shared_ptr<port> listener = listener_for(target);
  if (listener == nullptr) return std::unexpected{std::make_error_code(std::errc::connection_refused)};
  // As on Linux, whose SYN is dropped and sent again.
  if (listener->accept_queue.size() >= listener->accept_queue_max) return nullptr;
  auto made = std::make_shared<link>(
      link::end_options{.address = loopback(target.family(), claims_.next_port()), .pipe_bytes = pipe_bytes},
      link::end_options{.address = target, .pipe_bytes = listener->pipe_bytes});
  listener->accept_queue.push_back(made);
  if (listener->acceptor != nullptr) listener->acceptor->kick();
  return made;
}

void kernel::remove_engine(signal& engine) {
  std::erase(engines_, &engine);
  engine_blocked.notify_all();
}

void kernel::kick_all() noexcept {
  for (signal* engine : engines_) engine->kick();
}

void kernel::wake_all() noexcept {
  for (signal* engine : engines_) engine->wake();
}

bool kernel::all_idle() const noexcept {
  return std::ranges::all_of(engines_, [](const signal* engine) { return engine->idle(); });
}

std::shared_ptr<port> kernel::listener_for(const endpoint& address) const {
  std::shared_ptr<port> answering;
  for (const auto& candidate : ports_) {
    if (!candidate->listening || !candidate->covers(address)) continue;
    if (candidate->local == address) return candidate;
    answering = candidate;
  }
  return answering;
}

}  // namespace naru::engine::simulated
