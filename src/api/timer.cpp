#include <utility>

#include <naru/timer.hpp>

#include "core/timed_task.hpp"

namespace naru {

timer::timer(core::timed_task& task, std::shared_ptr<core::inbox> mail) noexcept
    : task_{&task}, mail_{std::move(mail)} {
  task_->hold();
}

timer::timer(const timer& other) noexcept : task_{other.task_}, mail_{other.mail_} {
  if (task_ != nullptr) task_->hold();
}

timer::timer(timer&& other) noexcept
    : task_{std::exchange(other.task_, nullptr)}, mail_{std::move(other.mail_)} {}

timer& timer::operator=(timer other) noexcept {
  std::swap(task_, other.task_);
  std::swap(mail_, other.mail_);
  return *this;
}

timer::~timer() {
  if (task_ != nullptr) task_->release();
}

void timer::cancel() noexcept {
  if (task_ != nullptr) task_->cancel(*mail_);
}

bool timer::is_pending() const noexcept {
  return task_ != nullptr && task_->is_pending();
}

}  // namespace naru
