#pragma once

#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

#include "load_flow.hpp"

namespace naru::program {

/// A thread that has each flow give up what is lost: a flow to which nothing comes any more would not notice.
class loss_watch {
 public:
  using flows = std::vector<std::unique_ptr<load_flow>>;

  loss_watch(const load_plan& plan, const flows& watched)
      : thread_{[&plan, &watched](const std::stop_token& stop) { run(plan, watched, stop); }} {}

 private:
  static void run(const load_plan& plan, const flows& watched, const std::stop_token& stop);

  std::jthread thread_;
};

}  // namespace naru::program
