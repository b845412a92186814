#include "engine/simulated/simulated_acceptor.hpp"

#include <cstddef>
#include <utility>

#include "engine/simulated/held_socket.hpp"

namespace naru::engine::simulated {

namespace {

/// How many peers one poll tells of.
constexpr std::size_t accepts_per_poll = 16;

}  // namespace

simulated_acceptor::simulated_acceptor(engine_context& context, std::shared_ptr<port> listening,
                                       acceptor_events& events)
    : simulated_socket{context}, events_{events}, port_{std::move(listening)} {}

void simulated_acceptor::require_open() const noexcept {
  context_.require_worker();
  require(!closing_, "an acceptor that was closed is not used");
}

void simulated_acceptor::resume() noexcept {
  require_open();
  resting_ = false;
}

void simulated_acceptor::close() noexcept {
  require_open();
  closing_ = true;
  delay_polls_ = context_.delay(context_.manners.close_delay_polls_max);
}

bool simulated_acceptor::advance(std::vector<report>& to_tell) {
  if (closing_) return advance_closing(to_tell);
  if (resting_) return false;
  if (taken_.empty() && !failure_) {
    take_peers();
    if (taken_.empty() && !failure_) return false;
    delay_polls_ = context_.delay(context_.manners.accept_delay_polls_max);
  } else if (delay_polls_ > 0) {
    --delay_polls_;
  }
  if (delay_polls_ > 0) return true;
  for (std::size_t i = 0; i < taken_.size() + (failure_ ? 1 : 0); ++i) {
    to_tell.push_back({this, news::accepted});
  }
  return false;
}

void simulated_acceptor::take_peers() {
  while (taken_.size() < accepts_per_poll && !port_->accept_queue.empty()) {
    failure_ = context_.fault(operation::accept);
    if (failure_) return;
    taken_.push_back(context_.system.accept(*port_));
    context_.system.count_socket();
  }
}

bool simulated_acceptor::advance_closing(std::vector<report>& to_tell) {
  if (delay_polls_ > 0) {
    --delay_polls_;
    return true;
  }
  for (const auto& peer : taken_) {
    peer->close(side::server, close_mode::reset);
    context_.system.uncount_socket();
  }
  taken_.clear();
  context_.system.release(port_);
  to_tell.push_back({this, news::closed});
  return false;
}

void simulated_acceptor::tell(news what) {
  if (what == news::closed) return events_.on_closed();
  if (closing_ || resting_) return;  // by an event that was told before this one
  if (!taken_.empty()) return tell_accepted();
  resting_ = true;
  events_.on_accept_failed(std::exchange(failure_, {}));
}

void simulated_acceptor::tell_accepted() {
  std::shared_ptr<link> peer = std::move(taken_.front());
  taken_.pop_front();
  const endpoint remote = peer->address(side::client);
  events_.on_accepted(wrap({.system = context_.shared_world->shared_kernel(), .accepted = std::move(peer)}),
                      remote);
}

}  // namespace naru::engine::simulated
