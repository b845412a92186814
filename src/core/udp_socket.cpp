#include "core/udp_socket.hpp"

#include <new>
#include <string>
#include <utility>

#include "core/crew.hpp"
#include "core/handler_call.hpp"
#include "core/letters.hpp"
#include "core/unmade.hpp"

namespace naru::core {

namespace {

double admissions_of(const udp_lease* lease) noexcept {
  if (lease == nullptr || lease->strangers().admissions_per_second == 0) return 0;
  return static_cast<double>(lease->strangers().admissions_per_second) /
         static_cast<double>(lease->worker_count());
}

}  // namespace

udp_socket::udp_socket(worker& at, const profile& common, std::shared_ptr<udp_lease> lease,
                       std::size_t index) noexcept
    : worker_{at},
      common_{common},
      lease_{std::move(lease)},
      index_{index},
      peers_{worker_.counters().on_probation},
      admissions_{admissions_of(lease_.get()), at.now()},
      hand_overs_{lease_},
      clock_{[](void* self) { static_cast<udp_socket*>(self)->look_at_clock(); }, this},
      retry_timer_{[](void* self) { static_cast<udp_socket*>(self)->retry(); }, this} {
  worker_.udp_sockets().push_back(*this);
}

void udp_socket::listen(worker& at, const std::shared_ptr<udp_lease>& lease, std::size_t index,
                        engine::raw_socket bound) noexcept {
  const engine::datagram_options options = {
      .receive_buffer_bytes = lease->agreed().options.receive_buffer_bytes,
      .receives = lease->agreed().steered || index == 0};
  auto* const self =
      at.prepare_datagrams() ? new (std::nothrow) udp_socket{at, *lease->common(), lease, index} : nullptr;
  if (self == nullptr) {
    at.log().write(log_level::error, "a UDP socket cannot listen: there is no memory");
    end_part(at, *lease);
    return;
  }
  lease->set_part(index, self);
  if (!self->open(at.system().share(std::move(bound), options, *self))) return;
  if (at.is_stopping()) {
    self->stop();
  } else if (lease->is_closed()) {
    // Another worker's part could not be opened, or the user was very quick.
    self->close(close_cause::lessor_closed);
  }
}

void udp_socket::connect(worker& at, const std::shared_ptr<shell>& given, const connect_plan& plan) noexcept {
  const connect_target& target = plan.target;
  auto* const self =
      at.prepare_datagrams() ? new (std::nothrow) udp_socket{at, given->common(), nullptr, 0} : nullptr;
  auto* const only = self == nullptr ? nullptr
                                     : new (std::nothrow)
                                           udp_renter{*self, given, udp_renter::standing::confirmed, 0};
  if (only == nullptr || !only->begin_watch()) {
    delete only;
    delete self;
    end_unmade(at, *given);
    return;
  }
  self->only_ = only;
  self->receive_buffer_bytes_ = plan.receive_buffer_bytes;
  self->peers_.add_only(*only);
  given->take_in_early_mail();
  if (at.is_stopping()) {
    only->fail({close_cause::network_stopped});
  } else if (target.address.family() != address_family::none) {
    self->resolved(std::vector{target.address});
  } else {
    if (plan.timeout.count() > 0) {
      self->clock_due_ = at.now() + plan.timeout;
      at.timers().arm(self->clock_, self->clock_due_);
    }
    at.team().look_up(target.name, given);
  }
}

void udp_socket::resolved(result<std::vector<endpoint>> addresses) noexcept {
  if (datagrams_ != nullptr || !only_->still_sends()) return;
  clock_.cancel();
  if (addresses && addresses->empty()) addresses = std::unexpected{make_error_code(errc::name_not_found)};
  if (!addresses) {
    only_->fail({close_cause::connect_failed, addresses.error()});
    return;
  }
  result<engine::datagram_socket*> made = std::unexpected{std::error_code{}};
  for (const endpoint& each : *addresses) {
    made = worker_.system().connect(each, {.receive_buffer_bytes = receive_buffer_bytes_}, *this);
    if (made) {
      only_->connection_shell().set_endpoints(each, (*made)->local_endpoint());
      break;
    }
  }
  static_cast<void>(open(made));
}

bool udp_socket::open(result<engine::datagram_socket*> made) noexcept {
  if (made) {
    datagrams_ = *made;
    if (only_ != nullptr) {
      worker_.counters().connected.add(1);
      only_->hear(worker_.now());
      arm_clock();
      serve_waiting();
    }
    return true;
  }
  if (only_ != nullptr) {
    only_->fail({close_cause::connect_failed, made.error()});
    return false;
  }
  worker_.log().write(log_level::error,
                      "a UDP socket cannot receive, and is closed: " + made.error().message());
  closing_ = true;
  end_lease(lease_);
  on_closed();
  return false;
}

void udp_socket::close(close_cause why) noexcept {
  if (std::exchange(closing_, true)) return;
  peers_.for_each([&](udp_renter& each) { each.begin_close({why}); });
  close_if_empty();
}

void udp_socket::stop() noexcept {
  if (is_listening()) lease_->close();
  close(close_cause::network_stopped);
}

void udp_socket::stop_now(close_cause why) noexcept {
  // First all of them, which calls no handler: then handlers of the first ones can change nothing for others.
  peers_.for_each([&](udp_renter& each) { each.stop_now(why); });
  peers_.for_each([](udp_renter& each) { each.settle(); });
}

void udp_socket::begin_end(udp_renter& one) noexcept {
  if (is_listening()) {
    if (one.now_is() != udp_renter::standing::probation) lease_->gate()->uncount();
    const std::chrono::milliseconds ignored = one.connection_shell().ignore_for();
    if (ignored.count() > 0) ignored_.add(one.hash(), one.remote(), worker_.now() + ignored);
  }
  peers_.begin_to_close(one, worker_.now());
  arm_clock();
}

void udp_socket::end(udp_renter& one) noexcept {
  if (is_listening()) {
    one.finish();
  } else if (datagrams_ == nullptr) {
    on_closed();
  } else if (!std::exchange(closed_, true)) {
    datagrams_->close();
  }
}

void udp_socket::ended(udp_renter& one) noexcept {
  peers_.remove(one);
  if (is_listening()) lease_->gate()->leave(one.remote());
  delete &one;
  if (closing_) close_if_empty();
}

void udp_socket::close_if_empty() noexcept {
  if (!is_listening() || peers_.size() != 0 || closed_) return;
  closed_ = true;
  clock_.cancel();
  retry_timer_.cancel();
  datagrams_->close();
}

void udp_socket::on_closed() {
  datagrams_ = nullptr;
  if (only_ != nullptr) {
    std::exchange(only_, nullptr)->finish();
  } else {
    lease_->set_part(index_, nullptr);
    end_part(worker_, *lease_);
  }
  delete this;
}

void udp_socket::end_part(worker& at, udp_lease& of) noexcept {
  if (!of.end_one()) return;
  const auto& callback = of.common()->callbacks->on_listener_closed;
  guarded_call(at, no_connection{}, "on_listener_closed", [&] {
    if (callback) callback(of.agreed().id);
  });
  of.is_gone();
}

void udp_socket::arm_clock() noexcept {
  const auto idle = common_.options.udp.idle_timeout;
  const auto due =
      peers_.next_overdue(idle.count() > 0 ? std::optional<std::chrono::nanoseconds>{idle} : std::nullopt,
                          common_.options.linger_timeout);
  // Put off without touching the timer, each time it comes; brought forward at once.
  if (due && (!clock_.is_armed() || *due < clock_due_)) {
    clock_due_ = *due;
    worker_.timers().arm(clock_, *due);
  }
}

void udp_socket::look_at_clock() noexcept {
  if (only_ != nullptr && datagrams_ == nullptr && !only_->is_closing()) {
    only_->fail({close_cause::connect_failed, std::make_error_code(std::errc::timed_out)});
    return;
  }
  const auto idle = common_.options.udp.idle_timeout;
  const auto now = worker_.now();
  const auto silent = idle.count() > 0 ? std::optional{now - idle} : std::nullopt;
  const auto closing = now - common_.options.linger_timeout;
  while (udp_renter* const late = peers_.overdue(silent, closing)) {
    if (late->is_closing()) {
      late->fail({close_cause::local});  // settled at the end of the turn, like all that follow
      if (!is_listening()) return;
      late->finish();
    } else {
      late->begin_close({close_cause::idle});
    }
  }
  arm_clock();
}

}  // namespace naru::core
