#include "core/listener.hpp"

#include <chrono>
#include <cstdint>
#include <new>
#include <string>
#include <utility>

#include "core/crew.hpp"
#include "core/handler_call.hpp"
#include "core/tcp_socket.hpp"

namespace naru::core {

namespace {

/// How long a listener rests when descriptors or memory have run out: long enough to cost nothing while that
/// lasts, short enough that nobody notices when it is over.
constexpr std::chrono::milliseconds rest_time{50};

}  // namespace

listener::listener(worker& at, socket_id id, std::shared_ptr<const profile> common, presence present) noexcept
    : worker_{at},
      id_{id},
      common_{std::move(common)},
      present_{std::move(present)},
      rest_{[](void* self) { static_cast<listener*>(self)->acceptor_->resume(); }, this} {
  worker_.listeners().push_back(*this);
}

void listener::begin(worker& at, socket_id id, engine::raw_socket listening,
                     std::shared_ptr<const profile> common, presence present) noexcept {
  auto* const self = new (std::nothrow) listener{at, id, std::move(common), std::move(present)};
  auto error = std::make_error_code(std::errc::not_enough_memory);
  if (self != nullptr) {
    const auto acceptor = at.system().accept_from(std::move(listening), *self);
    if (acceptor) {
      self->acceptor_ = *acceptor;
      if (at.is_stopping()) self->close();
      return;
    }
    error = acceptor.error();
  }
  at.log().write(log_level::error, "a listener cannot accept: " + error.message());
  if (self != nullptr) self->on_closed();
}

listener* listener::find(worker& at, socket_id id) noexcept {
  listener* found = nullptr;
  at.listeners().for_each([&](listener& each) {
    if (each.id_ == id) found = &each;
  });
  return found;
}

void listener::close() noexcept {
  if (std::exchange(closing_, true)) return;
  rest_.cancel();
  acceptor_->close();
}

void listener::on_accepted(engine::raw_socket accepted, const endpoint& remote) {
  worker_.assert_here();
  failing_ = false;
  const std::shared_ptr<admission>& gate = present_.where();
  if (!gate->try_count()) {
    worker_.counters().refused.by_limit.add(1);
    accepted.refuse();
    return;
  }
  if (!let_in(worker_, *gate, *common_, remote)) {
    gate->uncount();
    accepted.refuse();
    return;
  }
  worker_.team().settle_accepted(worker_, common_, admitted_place{gate, remote}, std::move(accepted), remote);
}

void listener::on_accept_failed(std::error_code error) {
  worker_.assert_here();
  worker_.counters().accept_failures.add(1);
  // Once, and not twenty times a second for as long as it lasts.
  if (!std::exchange(failing_, true)) {
    worker_.log().write(log_level::warning, "accepting fails, and is tried again: " + error.message());
  }
  worker_.timers().arm(rest_, worker_.now() + rest_time);
}

void listener::on_closed() {
  guarded_call(worker_, no_connection{}, "on_listener_closed", [this] {
    if (common_->callbacks->on_listener_closed) common_->callbacks->on_listener_closed(id_);
  });
  delete this;
}

}  // namespace naru::core
