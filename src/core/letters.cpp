#include "core/letters.hpp"

#include <new>

#include "core/listener.hpp"
#include "core/shell.hpp"
#include "core/udp_socket.hpp"
#include "core/worker.hpp"

namespace naru::core {

void adopt_letter::deliver(worker& at) noexcept {
  if (at.is_stopping() || place_.is_draining()) {
    at.load().fetch_sub(1, std::memory_order_relaxed);  // no user has seen it: it is just closed
  } else {
    tcp_socket::adopt(at, std::move(common_), std::move(place_), std::move(accepted_), remote_);
  }
  delete this;
}

void connect_letter::deliver(worker& at) noexcept {
  if (given_->common().is_udp()) {
    udp_socket::connect(at, given_, plan_);
  } else {
    tcp_socket::connect(at, given_, plan_);
  }
  delete this;
}

void resolved_letter::deliver(worker&) noexcept {
  if (const auto asking = asking_.lock(); asking != nullptr && asking->behind() != nullptr) {
    asking->behind()->resolved(std::move(addresses_));
  }
  delete this;
}

void listen_letter::deliver(worker& at) noexcept {
  listener::begin(at, id_, std::move(listening_), std::move(common_), std::move(present_));
  delete this;
}

void unlisten_letter::deliver(worker& at) noexcept {
  if (listener* const one = listener::find(at, id_)) one->close();
  delete this;
}

void lease_letter::deliver(worker& at) noexcept {
  udp_socket::listen(at, lease_, index_, std::move(bound_));
  delete this;
}

void end_lease(const std::shared_ptr<udp_lease>& lease) noexcept {
  lease->close();
  for (std::size_t i = 0; i < lease->worker_count(); ++i) {
    auto* const letter = new (std::nothrow) unlease_letter{lease, i};
    if (letter != nullptr && !lease->worker_at(i).mail().push(*letter)) letter->discard();
  }
}

void unlease_letter::deliver(worker&) noexcept {
  if (udp_socket* const part = lease_->part_at(index_)) part->close(close_cause::lessor_closed);
  delete this;
}

}  // namespace naru::core
