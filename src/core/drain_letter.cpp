#include "core/drain_letter.hpp"

#include "core/listener.hpp"
#include "core/udp_socket.hpp"
#include "core/worker.hpp"

namespace naru::core {

void drain_letter::deliver(worker& at) noexcept {
  if (listener* const one = listener::find(at, id_)) one->close();
  if (const auto lease = lease_.lock()) {
    if (udp_socket* const part = lease->part_at(index_)) part->close(close_cause::lessor_closed);
  }
  at.sockets().for_each([this](socket& one) {
    if (one.came_through(*gate_)) one.stop(close_cause::lessor_closed);
  });
  if (gate_->present().is_empty()) {
    delete this;
    return;
  }
  worker_ = &at;
  at.drains().push_back(*this);
  at.timers().arm(grace_timer_, at.now() + grace_);
}

void drain_letter::end_grace() noexcept {
  // Handlers of the first of these may end others.
  worker_->sockets().for_each([this](socket& one) {
    if (one.came_through(*gate_)) one.stop_now(close_cause::lessor_closed);
  });
  if (const auto lease = lease_.lock()) {
    if (udp_socket* const part = lease->part_at(index_)) part->stop_now(close_cause::lessor_closed);
  }
  delete this;
}

}  // namespace naru::core
