#include "engine/simulated/simulated_datagram_socket.hpp"

#include <cstddef>
#include <utility>

namespace naru::engine::simulated {

simulated_datagram_socket::simulated_datagram_socket(engine_context& context,
                                                     std::shared_ptr<datagram_port> port, bool first,
                                                     bool receives, datagram_events& events)
    : simulated_socket{context},
      events_{events},
      port_{std::move(port)},
      errors_{context},
      sender_{context, errors_},
      receiver_{context},
      first_{first},
      receives_{receives} {
  require(first || !receives, "of sockets that are not steered only the first one receives");
}

void simulated_datagram_socket::require_open() const noexcept {
  context_.require_worker();
  require(!closing_, "a datagram socket that was closed is not used");
}

datagrams_sent simulated_datagram_socket::send(std::span<const departure> batch) noexcept {
  require_open();
  const base::mutex_lock lock{context_.system.mutex};
  return sender_.send(context_.system.datagrams, *port_, batch);
}

void simulated_datagram_socket::close() noexcept {
  require_open();
  closing_ = true;
  delay_polls_ = context_.delay(context_.manners.close_delay_polls_max);
}

endpoint simulated_datagram_socket::local_endpoint() const noexcept {
  context_.require_worker();
  return port_->local;
}

bool simulated_datagram_socket::advance(std::vector<report>& to_tell) {
  if (closing_) return advance_closing(to_tell);
  bool restless = sender_.advance();
  if (receives_) restless |= advance_receiving();
  restless |= errors_.advance();
  if (receiver_.ready()) to_tell.push_back({this, news::received});
  if (sender_.room_ready()) to_tell.push_back({this, news::room});
  for (std::size_t i = errors_.ready(); i > 0; --i) to_tell.push_back({this, news::failed});
  return restless;
}

bool simulated_datagram_socket::advance_receiving() {
  if (const std::error_code error = context_.fault(operation::receive_datagram)) errors_.add(error, {});
  return receiver_.advance(port_->queue);
}

bool simulated_datagram_socket::advance_closing(std::vector<report>& to_tell) {
  if (delay_polls_ > 0) {
    --delay_polls_;
    return true;
  }
  context_.system.datagrams.release(port_, first_);
  context_.system.uncount_socket();
  to_tell.push_back({this, news::closed});
  return false;
}

void simulated_datagram_socket::tell(news what) {
  if (what == news::closed) return events_.on_closed();
  if (closing_) return;  // by an event that was told before this one
  if (what == news::received) return tell_received();
  if (what == news::room) return sender_.tell_room(events_);
  tell_failed();
}

void simulated_datagram_socket::tell_received() {
  receiver_.tell_lost(events_);
  if (!closing_) receiver_.hand_out(events_);
}

void simulated_datagram_socket::tell_failed() {
  const datagram_errors::entry next = errors_.take();
  events_.on_error(next.error, next.remote);
}

}  // namespace naru::engine::simulated
