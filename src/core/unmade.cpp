#include "core/unmade.hpp"

#include <atomic>
#include <cstddef>
#include <system_error>

#include <naru/close_reason.hpp>

#include "core/handler_call.hpp"
#include "core/shell.hpp"
#include "core/worker.hpp"

namespace naru::core {

void end_unmade(worker& at, shell& given) noexcept {
  at.load().fetch_sub(1, std::memory_order_relaxed);
  const close_reason why{close_cause::memory, std::make_error_code(std::errc::not_enough_memory)};
  given.begin_end(shell::ender::socket);
  guarded_call(at, given, "on_closed", [&] {
    if (const auto& callback = given.common().callbacks->on_closed) callback(given, why);
  });
  given.detach();
  at.counters().closed[static_cast<std::size_t>(why.cause)].add(1);
}

}  // namespace naru::core
