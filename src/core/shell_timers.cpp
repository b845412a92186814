#include <new>
#include <utility>

#include "core/shell.hpp"
#include "core/timed_task.hpp"
#include "core/worker.hpp"

// The timers of a connection.
namespace naru::core {

result<timer> shell::schedule(std::chrono::milliseconds delay, std::chrono::milliseconds period,
                              std::move_only_function<void(connection&)> call) noexcept {
  if (!accepts_sends()) return std::unexpected{make_error_code(errc::closed)};
  auto* const made = new (std::nothrow) connection_task{weak_self(), period, std::move(call)};
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
