#include "core/process.hpp"

#include "base/mutex.hpp"
#include "engine/select.hpp"

namespace naru::core {

namespace {

struct process_state {
  base::mutex mutex;
  unsigned holders NARU_GUARDED_BY(mutex) = 0;
};

process_state& state() noexcept {
  static process_state only;
  return only;
}

}  // namespace

std::error_code hold_process() noexcept {
  process_state& process = state();
  const base::mutex_lock hold{process.mutex};
  if (process.holders == 0) {
    if (const std::error_code error = engine::process_start()) return error;
  }
  ++process.holders;
  return {};
}

void release_process() noexcept {
  process_state& process = state();
  const base::mutex_lock hold{process.mutex};
  if (process.holders == 0) return;  // more `finalize` than `initialize`
  if (--process.holders == 0) engine::process_finish();
}

}  // namespace naru::core
