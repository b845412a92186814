#include "core/handler_call.hpp"
#include "core/shell.hpp"
#include "core/timed_task.hpp"
#include "core/worker.hpp"

// What the two kinds of timers do differently.
namespace naru::core {

void timed_task::release() noexcept {
  if (shares_and_pending_.fetch_sub(one_share, std::memory_order_acq_rel) >= 2 * one_share) return;
  // No virtual destructor: its pointer would take the 8 bytes that are not there.
  if (kind_ == kind::of_network) {
    delete static_cast<network_task*>(this);
  } else {
    delete static_cast<connection_task*>(this);
  }
}

void network_task::run(worker& at) noexcept {
  static_cast<void>(guarded_call(at, no_connection{}, "timer", [this] {
    if (call_) call_();
  }));
}

bool connection_task::join() noexcept {
  const auto of = of_.lock();
  return of != nullptr && of->take_on(*this);
}

bool connection_task::is_wanted() const noexcept {
  const auto of = of_.lock();
  return of != nullptr && of->accepts_sends() && of->behind() != nullptr;
}

void connection_task::run() noexcept {
  const auto of = of_.lock();
  if (call_) of->behind()->run_task("timer", call_);
  if (!of->accepts_sends()) end();
}

}  // namespace naru::core
