#include "engine/simulated/faults.hpp"

namespace naru::engine::simulated {

void fault_plan::fail_next(operation what, std::error_code error, unsigned count) {
  const base::mutex_lock lock{mutex_};
  orders_[static_cast<std::size_t>(what)] = {error, count};
}

unsigned fault_plan::remaining(operation what) const {
  const base::mutex_lock lock{mutex_};
  return orders_[static_cast<std::size_t>(what)].count;
}

std::error_code fault_plan::take(operation what) {
  const base::mutex_lock lock{mutex_};
  order& ordered = orders_[static_cast<std::size_t>(what)];
  if (ordered.count == 0) return {};
  --ordered.count;
  return ordered.error;
}

}  // namespace naru::engine::simulated
