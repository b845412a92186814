#pragma once

#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

#include "load_flow.hpp"

namespace naru::program {

/// A thread that tells each flow when one of its messages is due. The flow knows for itself how many that
/// are, so a thread that is late tells no lies: it only shows in the latency.
class pacer {
 public:
  using flows = std::vector<std::unique_ptr<load_flow>>;

  pacer(const load_plan& plan, const flows& paced)
      : thread_{[&plan, &paced](const std::stop_token& stop) { run(plan, paced, stop); }} {}

  /// Waits until the plan is over.
  void finish() { thread_.join(); }

 private:
  static void run(const load_plan& plan, const flows& paced, const std::stop_token& stop);

  std::jthread thread_;
};

}  // namespace naru::program
