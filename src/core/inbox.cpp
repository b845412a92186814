#include "core/inbox.hpp"

#include <thread>
#include <utility>

#include "engine/engine.hpp"

namespace naru::core {

namespace {

/// Stands for "closed" where the newest letter would be; never delivered.
class closed_mark final : public letter {
 public:
  void deliver(worker&) noexcept override {}
  void discard() noexcept override {}
};

letter* closed() noexcept {
  static closed_mark mark;
  return &mark;
}

}  // namespace

inbox::~inbox() {
  letter* each = newest_.load(std::memory_order_acquire);
  if (each == closed()) return;
  while (each != nullptr) std::exchange(each, each->next)->discard();
}

bool inbox::is_closed() const noexcept {
  return newest_.load(std::memory_order_acquire) == closed();
}

bool inbox::push(letter& one) noexcept {
  letter* newest = newest_.load(std::memory_order_relaxed);
  do {
    if (newest == closed()) return false;
    one.next = newest;
    // Sequentially consistent, as is the load below: either this thread sees that the worker goes to sleep,
    // or the worker, having said so, sees this letter (see prepare_sleep).
  } while (
      !newest_.compare_exchange_weak(newest, &one, std::memory_order_seq_cst, std::memory_order_relaxed));
  if (asleep_.load(std::memory_order_seq_cst)) wake_sleeper();
  return true;
}

void inbox::wake_sleeper() noexcept {
  // The engine may go as soon as its worker is awake and has closed the inbox. try_close waits for those who
  // are counted here; who is counted later finds nobody asleep.
  wakers_.fetch_add(1, std::memory_order_seq_cst);
  if (asleep_.exchange(false, std::memory_order_seq_cst)) sleeper_->wake();
  wakers_.fetch_sub(1, std::memory_order_release);
}

letter* inbox::take_all() noexcept {
  if (!has_mail()) return nullptr;
  letter* newest = newest_.exchange(nullptr, std::memory_order_acquire);
  letter* oldest = nullptr;
  while (newest != nullptr) {
    letter* const older = std::exchange(newest->next, oldest);
    oldest = std::exchange(newest, older);
  }
  return oldest;
}

bool inbox::prepare_sleep() noexcept {
  asleep_.store(true, std::memory_order_seq_cst);
  if (newest_.load(std::memory_order_seq_cst) == nullptr) return true;
  awake();
  return false;
}

bool inbox::try_close() noexcept {
  letter* none = nullptr;
  if (!newest_.compare_exchange_strong(none, closed(), std::memory_order_seq_cst)) return false;
  awake();
  while (wakers_.load(std::memory_order_seq_cst) != 0) std::this_thread::yield();
  return true;
}

}  // namespace naru::core
