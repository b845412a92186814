#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

#include <naru/socket_id.hpp>

#include "base/intrusive_list.hpp"
#include "base/timer_wheel.hpp"
#include "core/admission.hpp"
#include "core/letter.hpp"
#include "core/udp_lease.hpp"

namespace naru::core {

struct all_tag;

/// Has a worker end its part of a listener that is drained: the listener, or its part of the UDP socket, and
/// all connections that came through it; in good order, and what is left when the grace is over, at once.
/// Until then it stays with the worker.
class drain_letter final : public letter, public base::list_node<all_tag> {
 public:
  /// With UDP there is a lease, and `index` is the worker's in it.
  drain_letter(std::shared_ptr<admission> gate, socket_id id, std::weak_ptr<udp_lease> lease,
               std::size_t index, std::chrono::milliseconds grace) noexcept
      : gate_{std::move(gate)},
        id_{id},
        lease_{std::move(lease)},
        index_{index},
        grace_{grace},
        grace_timer_{[](void* self) { static_cast<drain_letter*>(self)->end_grace(); }, this} {}

  void deliver(worker& at) noexcept override;
  void discard() noexcept override { delete this; }

 private:
  ~drain_letter() = default;
  /// [worker]
  void end_grace() noexcept;

  std::shared_ptr<admission> gate_;
  socket_id id_;
  /// A letter that waits for its grace to be over keeps no handlers alive.
  std::weak_ptr<udp_lease> lease_;
  std::size_t index_;
  std::chrono::milliseconds grace_;
  base::timer grace_timer_;
  worker* worker_ = nullptr;
};

}  // namespace naru::core
