#include "core/crew.hpp"

#include <exception>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include "base/countdown.hpp"
#include "core/letters.hpp"

namespace naru::core {

crew::crew(std::shared_ptr<engine::platform> system, const logger& log, std::size_t memory_max)
    : system_{std::move(system)},
      log_{log},
      totals_{std::make_shared<network_totals>(memory_max)},
      resolver_{system_} {}

crew::~crew() {
  for (const std::thread& each : threads_) NARU_ASSERT(!each.joinable(), "a crew has ended before it goes");
}

std::error_code crew::start(unsigned workers, bool is_polled, const start_hook& hook,
                            const std::shared_ptr<void>& owner) {
  for (unsigned i = 0; i < workers; ++i) {
    auto system = system_->make_engine();
    if (!system) return system.error();
    workers_.push_back(std::make_unique<worker>(*this, i, *std::move(system), system_->time(), log_));
  }
  if (const std::error_code error = start_watchdog()) return error;
  if (is_polled) {
    run_hook(hook, *workers_.front());
    return {};
  }
  base::countdown hooked{workers};
  try {
    for (const auto& each : workers_) {
      running_.enter();
      threads_.emplace_back([this, &hook, &hooked, owner, at = each.get()] {
        run_hook(hook, *at);
        hooked.count_down();
        at->run();
        running_.leave();
      });
    }
  } catch (const std::system_error& failed) {
    running_.leave();
    for (std::size_t missing = workers_.size() - threads_.size(); missing > 0; --missing) hooked.count_down();
    hooked.wait();
    send_stop(std::chrono::milliseconds{0});
    for (std::thread& each : threads_) each.join();
    return failed.code();
  }
  hooked.wait();
  return {};
}

std::error_code crew::start_watchdog() {
  if (stall_.count() == 0) return {};
  for (const auto& each : workers_) each->watch().take_times(stall_);
  try {
    watchdog_ = std::make_unique<watchdog>(workers_, log_, stall_);
  } catch (const std::system_error& failed) {
    return failed.code();
  }
  return {};
}

void crew::run_hook(const start_hook& hook, worker& at) noexcept {
  if (!hook) return;
  try {
    hook(at.index());
  } catch (const std::exception& thrown) {
    at.log().write(log_level::error, std::string{"on_worker_start threw: "} + thrown.what());
  } catch (...) {
    at.log().write(log_level::error, "on_worker_start threw something that is no std::exception");
  }
}

void crew::send_stop(std::chrono::milliseconds grace) noexcept {
  for (const auto& each : workers_) each->stop(grace);
}

void crew::finish() {
  if (is_polled()) polled().run();
  for (std::thread& each : threads_) each.join();
  watchdog_.reset();
}

bool crew::name_running_handlers(std::string_view waiting) const {
  bool any = false;
  for (const auto& each : workers_) {
    const std::string running = each->watch().describe();
    if (running.empty()) continue;
    any = true;
    log_.write(log_level::error, std::string{waiting} + " waits in vain for worker " +
                                     std::to_string(each->index()) + ", where " + running +
                                     " does not return");
  }
  return any;
}

void crew::abandon() noexcept {
  abandoned_ = true;
  send_stop(std::chrono::milliseconds{0});
  for (std::thread& each : threads_) each.detach();
}

worker& crew::pick() noexcept {
  const std::size_t first = next_pick_.fetch_add(1, std::memory_order_relaxed);
  worker* best = workers_[first % workers_.size()].get();
  std::size_t best_load = best->load().load(std::memory_order_relaxed);
  for (std::size_t i = 1; i < workers_.size(); ++i) {
    worker& each = *workers_[(first + i) % workers_.size()];
    const std::size_t load = each.load().load(std::memory_order_relaxed);
    if (load < best_load) {
      best = &each;
      best_load = load;
    }
  }
  best->load().fetch_add(1, std::memory_order_relaxed);
  return *best;
}

void crew::settle_accepted(worker& here, const std::shared_ptr<const profile>& common, admitted_place place,
                           engine::raw_socket accepted, const endpoint& remote) noexcept {
  if (place.is_draining()) return;  // no user has seen it: it is just closed
  worker& there = pick();
  if (&there == &here) {
    tcp_socket::adopt(here, common, std::move(place), std::move(accepted), remote);
    return;
  }
  auto* const letter = new (std::nothrow) adopt_letter{common, std::move(place), std::move(accepted), remote};
  if (letter != nullptr && there.mail().push(*letter)) return;
  there.load().fetch_sub(1, std::memory_order_relaxed);
  if (letter != nullptr) {
    letter->discard();  // that worker has ended, as this one will
  } else {
    here.counters().accept_failures.add(1);
  }
}

void crew::look_up(const host_port& name, const std::shared_ptr<shell>& asking) noexcept {
  std::error_code error = std::make_error_code(std::errc::not_enough_memory);
  try {
    struct discarding {
      void operator()(resolved_letter* unsent) const noexcept { unsent->discard(); }
    };
    // Made here, so that the answer cannot be lost for want of memory.
    std::unique_ptr<resolved_letter, discarding> letter{new resolved_letter{asking}};
    error = resolver_.look_up(name, [letter = std::move(letter), mail = worker::current()->shared_mail()](
                                        result<std::vector<endpoint>> addresses) mutable {
      letter->fill_in(std::move(addresses));
      if (mail->push(*letter)) static_cast<void>(letter.release());
    });
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): said below
  }
  if (error) asking->behind()->resolved(std::unexpected{error});
}

network_stats crew::stats() const noexcept {
  network_stats sum;
  for (const auto& each : workers_) {
    each->counters().add_to(sum);
    each->watch().add_to(sum);
    sum.open += each->load().load(std::memory_order_relaxed);
  }
  sum.messages_refused = totals_->messages_refused.load(std::memory_order_relaxed);
  sum.messages_replaced = totals_->messages_replaced.load(std::memory_order_relaxed);
  sum.memory_bytes = totals_->memory.used();
  sum.memory_bytes_highest = totals_->memory.highest();
  return sum;
}

}  // namespace naru::core
