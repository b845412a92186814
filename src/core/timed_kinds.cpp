#include <memory>
#include <new>
#include <utility>

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

bool connection_task::runs_elsewhere() const noexcept {
  const auto of = of_.lock();
  return of != nullptr && of->common().options.handlers_on != nullptr;
}

void connection_task::run() noexcept {
  const auto of = of_.lock();
  if (call_ && runs_elsewhere()) {
    call_(*of);
  } else if (call_) {
    of->behind()->run_task("timer", call_);
  }
  if (!of->accepts_sends()) end();
}

class connection_task::sender {
 public:
  sender(connection_task& task, function call)
      : task_{task}, call_{std::make_shared<function>(std::move(call))} {}

  /// [worker]
  void operator()(connection& peer) noexcept {
    // One that still waits for its turn there has the other share.
    if (call_.use_count() > 1) return;
    socket& behind = *shell::of(peer).behind();
    task_.hold();
    std::unique_ptr<connection_task, let_go> task{&task_};
    try {
      function turn{[task = std::move(task), once = task_.is_once(), call = call_](connection& of) {
        const bool runs = once ? task->stop_pending() : task->is_pending();
        if (runs && *call && !of.is_closed()) (*call)(of);
      }};
      behind.run_task("timer", turn);
    } catch (const std::bad_alloc&) {
      behind.fail({close_cause::memory, std::make_error_code(std::errc::not_enough_memory)});
    }
  }

 private:
  struct let_go {
    void operator()(connection_task* task) const noexcept { task->release(); }
  };

  connection_task& task_;
  std::shared_ptr<function> call_;
};

connection_task* connection_task::make(shell& of, std::chrono::milliseconds period, function call) noexcept {
  struct unused {
    void operator()(connection_task* task) const noexcept { delete task; }
  };
  std::unique_ptr<connection_task, unused> made{new (std::nothrow)
                                                    connection_task{of.weak_self(), period, std::move(call)}};
  if (made == nullptr || !made->runs_elsewhere()) return made.release();
  try {
    made->call_ = sender{*made, std::move(made->call_)};
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  return made.release();
}

}  // namespace naru::core
