#include <memory>
#include <new>
#include <utility>

#include "core/shell.hpp"
#include "core/timed_task.hpp"
#include "core/worker.hpp"

// The timers of a connection.
namespace naru::core {

namespace {

/// Null when there is no memory.
connection_task* make_task(shell& of, std::chrono::milliseconds period,
                           connection_task::function call) noexcept {
  if (of.common().options.handlers_on == nullptr) {
    return new (std::nothrow) connection_task{of.weak_self(), period, std::move(call)};
  }
  try {
    auto shared = std::make_shared<connection_task::function>(std::move(call));
    return new (std::nothrow) connection_task{of.weak_self(), period, std::move(shared)};
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace

result<timer> shell::schedule(std::chrono::milliseconds delay, std::chrono::milliseconds period,
                              std::move_only_function<void(connection&)> call) noexcept {
  if (!accepts_sends()) return std::unexpected{make_error_code(errc::closed)};
  connection_task* const made = make_task(*this, period, std::move(call));
  if (made == nullptr) return std::unexpected{std::make_error_code(std::errc::not_enough_memory)};
  timer handle = made->handle(mail_);
  if (is_at_hand()) {
    worker& here = *worker::current();
    made->wait_at(here, here.time().now() + timed_task::clamped(delay));
  } else if (letter& to_worker = made->addressed(timed_task::clamped(delay)); !mail_->push(to_worker)) {
    to_worker.discard();
    return std::unexpected{make_error_code(errc::closed)};
  }
  return handle;
}

bool shell::take_on(connection_task& timed) noexcept {
  rarities* const in = ended_ ? nullptr : rare();
  if (in == nullptr) return false;
  in->timers.push_back(timed);
  return true;
}

}  // namespace naru::core
