#include "engine/simulated/engine_context.hpp"

#include "engine/simulated/contract.hpp"

namespace naru::engine::simulated {

void engine_context::require_worker() const noexcept {
  const std::thread::id worker = owner.load();
  require(worker == std::thread::id{} || worker == std::this_thread::get_id(),
          "an engine is called only on the thread of its worker");
}

void engine_context::enter_poll() noexcept {
  if (!manners.one_thread || owner.load() == std::thread::id{}) owner.store(std::this_thread::get_id());
  require_worker();
  require(!in_poll, "poll is not called from inside an event, nor by two threads");
  in_poll = true;
}

}  // namespace naru::engine::simulated
