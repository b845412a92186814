#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include <naru/options.hpp>

#include "base/headcount.hpp"
#include "core/admission.hpp"
#include "core/logger.hpp"
#include "core/network_totals.hpp"
#include "core/profile.hpp"
#include "core/resolver.hpp"
#include "core/tcp_socket.hpp"
#include "core/watchdog.hpp"
#include "core/worker.hpp"
#include "engine/platform.hpp"

namespace naru::core {

/// The workers of one run of a network, from `start` to `stop`, and what they share.
class crew {
 public:
  using start_hook = std::move_only_function<void(unsigned) const>;

  /// The log belongs to the owner that `start` is given.
  crew(std::shared_ptr<engine::platform> system, const logger& log, std::size_t memory_max = 0);
  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;
  ~crew();

  /// Makes the workers, and threads for them unless `is_polled`; returns when `hook` has run on each. On an
  /// error nothing is left. `owner` lives as long as a thread runs. [any]
  [[nodiscard]] std::error_code start(unsigned workers, bool is_polled, const start_hook& hook,
                                      const std::shared_ptr<void>& owner);
  /// Has handlers watched that run for longer. Before `start`.
  void watch(std::chrono::milliseconds stall) noexcept { stall_ = stall; }
  /// Has all workers end, and does not wait. Once. [any]
  void send_stop(std::chrono::milliseconds grace) noexcept;
  /// Waits until they have; false when the time has come first. Not for a polled one. [any, but no worker]
  [[nodiscard]] bool wait_until_ended(std::chrono::steady_clock::time_point deadline) {
    return running_.wait_until(deadline);
  }
  /// Waits until they have. A polled one is turned to its end here. [any, but no worker]
  void finish();
  /// Logs which handlers run, for whom they keep waiting; false when there is none. [any]
  bool name_running_handlers(std::string_view waiting) const;
  /// Has all workers end when there is nobody to wait for them: for the destructor of a network on one of its
  /// workers. Whoever turns a polled one calls `finish` when it sees this. [worker]
  void abandon() noexcept;
  [[nodiscard]] bool is_abandoned() const noexcept { return abandoned_; }

  /// Whether this thread is one of its workers, in a turn. [any]
  [[nodiscard]] bool is_here() const noexcept {
    return worker::current() != nullptr && &worker::current()->team() == this;
  }
  [[nodiscard]] bool is_polled() const noexcept { return threads_.empty(); }
  /// The only worker of a polled crew. Its caller sees to it that one thread at a time turns it.
  [[nodiscard]] worker& polled() noexcept { return *workers_.front(); }
  [[nodiscard]] unsigned size() const noexcept { return static_cast<unsigned>(workers_.size()); }
  [[nodiscard]] worker& at(std::size_t index) noexcept { return *workers_[index]; }

  /// The worker that has fewest connections, which is counted to have one more. [any]
  [[nodiscard]] worker& pick() noexcept;
  /// The worker whose turn it is to have a timer: nobody knows how much one is going to do. [any]
  [[nodiscard]] worker& pick_for_timer() noexcept {
    return *workers_[next_timer_.fetch_add(1, std::memory_order_relaxed) % workers_.size()];
  }
  /// The clock of all its workers. [any]
  [[nodiscard]] const base::clock& time() const noexcept { return system_->time(); }
  /// Gives an accepted socket to the worker that shall have it. [worker]
  void settle_accepted(worker& here, const std::shared_ptr<const profile>& common, admitted_place place,
                       engine::raw_socket accepted, const endpoint& remote) noexcept;
  /// Looks a name up for a connection, which gets a letter. [worker]
  void look_up(const host_port& name, const std::shared_ptr<shell>& asking) noexcept;

  /// What all connections of this run share. [any]
  [[nodiscard]] const std::shared_ptr<network_totals>& totals() const noexcept { return totals_; }

  /// Adds up what the workers have counted. [any]
  [[nodiscard]] network_stats stats() const noexcept;

 private:
  [[nodiscard]] std::error_code start_watchdog();
  static void run_hook(const start_hook& hook, worker& at) noexcept;

  std::shared_ptr<engine::platform> system_;
  const logger& log_;
  std::shared_ptr<network_totals> totals_;
  resolver resolver_;
  std::vector<std::unique_ptr<worker>> workers_;
  std::vector<std::thread> threads_;
  /// Threads that have not left their worker yet.
  base::headcount running_;
  std::chrono::milliseconds stall_ = {};
  std::unique_ptr<watchdog> watchdog_;
  std::atomic<std::size_t> next_pick_ = 0;
  std::atomic<std::size_t> next_timer_ = 0;
  bool abandoned_ = false;
};

}  // namespace naru::core
