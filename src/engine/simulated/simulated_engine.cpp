#include "engine/simulated/simulated_engine.hpp"

#include <algorithm>
#include <utility>

#include "engine/simulated/contract.hpp"
#include "engine/simulated/held_socket.hpp"
#include "engine/simulated/simulated_acceptor.hpp"
#include "engine/simulated/simulated_datagram_socket.hpp"
#include "engine/simulated/simulated_stream.hpp"

namespace naru::engine::simulated {

namespace {

using std::chrono::steady_clock;

/// Where adding the wait would overflow, there is no end to it.
[[nodiscard]] steady_clock::time_point deadline_of(std::chrono::nanoseconds wait) noexcept {
  const auto now = steady_clock::now();
  return wait < steady_clock::time_point::max() - now ? now + wait : steady_clock::time_point::max();
}

}  // namespace

simulated_engine::simulated_engine(std::shared_ptr<world> where, const hostility& manners, std::uint64_t seed,
                                   std::shared_ptr<fault_plan> faults)
    : context_{std::move(where), manners, seed, std::move(faults)} {
  const base::mutex_lock lock{context_.system.mutex};
  context_.system.add_engine(context_.wake_up);
}

simulated_engine::~simulated_engine() {
  require(sockets_.empty(), "an engine is destroyed when everything of it has had its on_closed");
  require(!context_.in_poll, "an engine is not destroyed from inside an event");
  const base::mutex_lock lock{context_.system.mutex};
  context_.system.remove_engine(context_.wake_up);
}

result<stream*> simulated_engine::adopt(raw_socket socket, const endpoint& remote,
                                        const stream_options& /*options*/, stream_events& events) {
  context_.require_worker();
  held_socket held = unwrap(std::move(socket));
  require(held.accepted != nullptr, "what is adopted was accepted");
  if (const std::error_code error = context_.fault(operation::adopt)) {
    discard(held);
    return std::unexpected{error};
  }
  {
    const base::mutex_lock lock{context_.system.mutex};
    held.accepted->attach(side::server, context_.wake_up);
  }
  auto made = std::make_unique<simulated_stream>(context_, std::move(held.accepted), remote, events);
  stream* const adopted = made.get();
  sockets_.push_back(std::move(made));
  return adopted;
}

result<stream*> simulated_engine::connect(const endpoint& remote, const stream_options& /*options*/,
                                          stream_events& events) {
  context_.require_worker();
  if (const std::error_code error = context_.fault(operation::connect)) return std::unexpected{error};
  auto made = std::make_unique<simulated_stream>(context_, remote, events);
  stream* const connecting = made.get();
  sockets_.push_back(std::move(made));
  const base::mutex_lock lock{context_.system.mutex};
  context_.system.count_socket();
  return connecting;
}

result<acceptor*> simulated_engine::accept_from(raw_socket socket, acceptor_events& events) {
  context_.require_worker();
  held_socket held = unwrap(std::move(socket));
  require(held.bound != nullptr, "what is accepted from was bound");
  if (const std::error_code error = context_.fault(operation::accept_from)) {
    discard(held);
    return std::unexpected{error};
  }
  {
    const base::mutex_lock lock{context_.system.mutex};
    require(held.bound->listening, "what is accepted from listens");
    held.bound->acceptor = &context_.wake_up;
  }
  auto made = std::make_unique<simulated_acceptor>(context_, std::move(held.bound), events);
  acceptor* const accepting = made.get();
  sockets_.push_back(std::move(made));
  return accepting;
}

result<datagram_socket*> simulated_engine::share(raw_socket socket, const datagram_options& options,
                                                 datagram_events& events) {
  context_.require_worker();
  held_socket held = unwrap(std::move(socket));
  require(held.datagrams != nullptr, "what is shared was bound for datagrams");
  if (const std::error_code error = context_.fault(operation::open_datagrams)) {
    discard(held);
    return std::unexpected{error};
  }
  const base::mutex_lock lock{context_.system.mutex};
  return serve(std::move(held.datagrams), held.first, options, events);
}

result<datagram_socket*> simulated_engine::connect(const endpoint& remote, const datagram_options& options,
                                                   datagram_events& events) {
  context_.require_worker();
  if (const std::error_code error = context_.fault(operation::open_datagrams)) return std::unexpected{error};
  const base::mutex_lock lock{context_.system.mutex};
  auto connected = context_.system.datagrams.connect(remote, context_.manners.datagram_queue_bytes);
  if (!connected) return std::unexpected{connected.error()};
  context_.system.count_socket();
  return serve(*std::move(connected), true, options, events);
}

datagram_socket* simulated_engine::serve(std::shared_ptr<datagram_port> port, bool first,
                                         const datagram_options& options, datagram_events& events) {
  if (options.receives) {
    port->receiver = &context_.wake_up;
    if (options.receive_buffer_bytes > 0) port->queue.set_capacity(options.receive_buffer_bytes);
  }
  auto made =
      std::make_unique<simulated_datagram_socket>(context_, std::move(port), first, options.receives, events);
  datagram_socket* const served = made.get();
  sockets_.push_back(std::move(made));
  return served;
}

void simulated_engine::poll(std::chrono::nanoseconds wait) {
  context_.enter_poll();
  collect(wait);
  dispatch();
  context_.leave_poll();
}

void simulated_engine::wake() noexcept {
  const base::mutex_lock lock{context_.system.mutex};
  context_.wake_up.wake();
}

void simulated_engine::collect(std::chrono::nanoseconds wait) {
  const auto deadline = deadline_of(wait);
  signal& wake_up = context_.wake_up;
  base::mutex_lock lock{context_.system.mutex};
  bool expired = wait <= std::chrono::nanoseconds{0};
  while (!advance_sockets() && !wake_up.woken && !expired) {
    sleep(lock, deadline);
    expired = steady_clock::now() >= deadline;
  }
  wake_up.woken = false;
}

/// True when there is something to tell, or will be without anything happening elsewhere.
bool simulated_engine::advance_sockets() {
  context_.wake_up.kicked = false;
  bool restless = false;
  for (const auto& socket : sockets_) restless |= advance(*socket);
  return restless || !to_tell_.empty();
}

/// Until something happens. Manual time has no end of its own: whoever lets it pass wakes all engines.
void simulated_engine::sleep(base::mutex_lock& lock, steady_clock::time_point until) {
  signal& wake_up = context_.wake_up;
  wake_up.blocked = true;
  context_.system.engine_blocked.notify_all();
  const bool endless = context_.shared_world->has_manual_time() || until == steady_clock::time_point::max();
  while (!wake_up.kicked && !wake_up.woken) {
    if (endless) {
      wake_up.changed.wait(lock);
    } else if (!wake_up.changed.wait_until(lock, until)) {
      break;
    }
  }
  wake_up.blocked = false;
}

void simulated_engine::dispatch() {
  if (context_.manners.reorder) {
    for (std::size_t left = to_tell_.size(); left > 1; --left) {
      std::swap(to_tell_[left - 1], to_tell_[context_.chance.between(0, left - 1)]);
    }
  }
  for (const report& next : to_tell_) {
    next.socket->tell(next.what);
    if (next.what == news::closed) destroy(next.socket);
  }
  to_tell_.clear();
}

/// At once, so that whoever still uses it is found out.
void simulated_engine::destroy(const simulated_socket* closed) {
  std::erase_if(sockets_, [closed](const auto& socket) { return socket.get() == closed; });
}

}  // namespace naru::engine::simulated
