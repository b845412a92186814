#include "pacer.hpp"

#include <cstdint>

#include "waiting.hpp"

namespace naru::program {

void pacer::run(const load_plan& plan, const flows& paced, const std::stop_token& stop) {
  const auto end = plan.start + plan.duration;
  for (std::uint64_t turn = 0; !stop.stop_requested(); ++turn) {
    const auto flow = turn % paced.size();
    const auto due = plan.due(flow, turn / paced.size());
    if (due >= end || load_plan::clock::now() >= end) break;
    if (due > load_plan::clock::now()) wait_for_stop_until(stop, due);
    paced[flow]->poke();
  }
  // Everything is due now, also where this thread could not keep up.
  wait_for_stop_until(stop, end);
  for (const auto& flow : paced) flow->poke();
}

}  // namespace naru::program
