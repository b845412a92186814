#include "core/doorbell.hpp"

#include "core/inbox.hpp"
#include "core/shell.hpp"
#include "core/worker.hpp"

namespace naru::core {

bool doorbell::ring(inbox& at, request what) noexcept {
  if (requests_.fetch_or(what, std::memory_order_acq_rel) != 0) return true;  // on its way already
  shares_.fetch_add(1, std::memory_order_relaxed);
  if (at.push(*this)) return true;
  requests_.store(0, std::memory_order_relaxed);
  release();
  return false;
}

void doorbell::release() noexcept {
  if (shares_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

void doorbell::deliver(worker& at) noexcept {
  const std::uint8_t requests = requests_.exchange(0, std::memory_order_acq_rel);
  if (const auto owner = owner_.lock()) {
    // It may have been rung first for something else, and then again for a close that came after a send: that
    // send is in the inbox by now, and goes first.
    at.take_in_mail();
    owner->answer(requests);
  }
  release();
}

}  // namespace naru::core
