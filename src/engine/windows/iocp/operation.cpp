#include "engine/windows/iocp/operation.hpp"

#include <atomic>

namespace naru::engine {

bool operation::is_done() const noexcept {
  // The status is what the system writes last (OVERLAPPED, "Internal").
  const volatile ULONG_PTR& status = Internal;
  const bool done = status != static_cast<ULONG_PTR>(STATUS_PENDING);
  std::atomic_thread_fence(std::memory_order_acquire);
  return done;
}

}  // namespace naru::engine
