#include "core/watch.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "core/shell.hpp"
#include "core/strand.hpp"
#include "core/worker.hpp"

namespace naru::core {

bool watch::is_wanted(const profile& common) noexcept {
  const connection_options& options = common.options;
  const bool of_tcp =
      !common.is_udp() && (options.idle_timeout.count() > 0 || options.message_timeout.count() > 0);
  return of_tcp || options.write_stall_timeout.count() > 0 || options.backlog_age_max.count() > 0 ||
         profile::watermarks_of(options).high != 0 || options.flush == flush_policy::tick ||
         (common.is_udp() && options.flush == flush_policy::at_once) ||
         options.budget.messages_per_second != 0 || options.budget.bytes_per_second != 0 ||
         options.handlers_on != nullptr;
}

std::unique_ptr<watch> watch::make(worker& at, const std::shared_ptr<shell>& of, base::timer::action act,
                                   void* owner) noexcept {
  const connection_options& options = of->common().options;
  std::unique_ptr<watch> made{new (std::nothrow) watch{at, act, owner}};
  receive_allowance allowance{options.budget, at.now()};
  const bool runs_elsewhere = options.handlers_on != nullptr;
  if (made == nullptr || (!allowance.is_limited() && !runs_elsewhere)) return made;
  auto elsewhere = runs_elsewhere ? strand::make(at, of) : nullptr;
  if (runs_elsewhere && elsewhere == nullptr) return nullptr;
  made->rest_.reset(new (std::nothrow) rest{.allowance = allowance, .elsewhere = std::move(elsewhere)});
  return made->rest_ == nullptr ? nullptr : std::move(made);
}

watch::watch(worker& at, base::timer::action act, void* owner) noexcept : worker_{at}, timer_{act, owner} {
  dues_.fill(never);
}

void watch::set(deadline which, time_point due) noexcept {
  dues_[static_cast<std::size_t>(which)] = due;
  // Put off without touching the timer; it looks again when it fires.
  if (due >= armed_for_) return;
  armed_for_ = due;
  worker_.timers().arm(timer_, due);
}

bool watch::take_due(deadline which, time_point now) noexcept {
  if (due_of(which) > now) return false;
  clear(which);
  return true;
}

void watch::arm_again() noexcept {
  armed_for_ = *std::min_element(dues_.begin(), dues_.end());
  if (armed_for_ != never) worker_.timers().arm(timer_, armed_for_);
}

void watch::stop() noexcept {
  dues_.fill(never);
  armed_for_ = never;
  timer_.cancel();
}

watch::time_point watch::next_tick(time_point now, std::chrono::milliseconds interval) noexcept {
  const auto since = now.time_since_epoch();
  return now + (interval - since % interval);
}

}  // namespace naru::core
