#include "loss_watch.hpp"

#include <algorithm>
#include <chrono>

#include "waiting.hpp"

namespace naru::program {

void loss_watch::run(const load_plan& plan, const flows& watched, const std::stop_token& stop) {
  // How much later than the timeout a place becomes free again. What counts as lost does not depend on it.
  const auto step = std::clamp<std::chrono::nanoseconds>(plan.loss_timeout / 20, std::chrono::milliseconds{1},
                                                         std::chrono::milliseconds{20});
  while (!wait_for_stop_until(stop, load_plan::clock::now() + step)) {
    const auto now = load_plan::clock::now();
    for (const auto& flow : watched) {
      if (flow->waits_in_vain(now)) flow->poke();
    }
  }
}

}  // namespace naru::program
