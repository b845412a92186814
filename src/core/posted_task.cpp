#include "core/posted_task.hpp"

#include "core/shell.hpp"

namespace naru::core {

void posted_task::deliver(worker&) noexcept {
  if (const auto to = to_.lock(); task_ && to != nullptr && to->behind() != nullptr) {
    to->behind()->run_task("posted task", task_);
  }
  delete this;
}

}  // namespace naru::core
