#include "engine/simulated/lookup_gate.hpp"

namespace naru::engine::simulated {

void lookup_gate::open() {
  const base::mutex_lock lock{mutex_};
  open_ = true;
  changed_.notify_all();
}

void lookup_gate::wait_for_lookup() {
  base::mutex_lock lock{mutex_};
  while (!arrived_) changed_.wait(lock);
}

void lookup_gate::pass() {
  base::mutex_lock lock{mutex_};
  arrived_ = true;
  changed_.notify_all();
  while (!open_) changed_.wait(lock);
}

}  // namespace naru::engine::simulated
