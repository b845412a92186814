#include <new>
#include <utility>

#include "core/manager.hpp"
#include "core/packed_period.hpp"
#include "core/timed_task.hpp"

// The timers of a network.
namespace naru::core {

result<timer> manager::after(std::chrono::milliseconds delay, std::move_only_function<void()> call) {
  if (const std::error_code error = timed_task::check_delay(delay)) return std::unexpected{error};
  return schedule(delay, {}, std::move(call));
}

result<timer> manager::every(std::chrono::milliseconds period, std::move_only_function<void()> call) {
  if (const std::error_code error = timed_task::check_period(period)) return std::unexpected{error};
  const auto kept = packed_period::unpack(packed_period::pack(period));
  return schedule(kept, kept, std::move(call));
}

result<timer> manager::schedule(std::chrono::milliseconds delay, std::chrono::milliseconds period,
                                std::move_only_function<void()> call) {
  const auto team = running_crew();
  if (team == nullptr) return std::unexpected{make_error_code(errc::not_running)};
  worker& there = team->pick_for_timer();
  auto* const made = new (std::nothrow) network_task{period, std::move(call)};
  if (made == nullptr) return std::unexpected{std::make_error_code(std::errc::not_enough_memory)};
  timer handle = made->handle(there.shared_mail());
  const timed_task::time_point due = team->time().now() + timed_task::clamped(delay);
  if (worker::current() == &there) {
    made->wait_at(there, due);
  } else if (letter& to_worker = made->addressed(due); !there.mail().push(to_worker)) {
    to_worker.discard();
    return std::unexpected{make_error_code(errc::not_running)};
  }
  return handle;
}

}  // namespace naru::core
