#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <system_error>

#include <naru/connection.hpp>
#include <naru/timer.hpp>

#include "base/clock.hpp"
#include "base/intrusive_list.hpp"
#include "base/timer_wheel.hpp"
#include "core/letter.hpp"
#include "core/packed_period.hpp"

namespace naru::core {

class inbox;
class shell;
class worker;

struct timed_tag;

/// What a `timer` stands for: something of the user's that a worker shall do when its time comes, once or
/// again and again.
///
/// A network may have a million of them that wait. So each is one piece of memory, of 88 bytes, to which an
/// allocator adds 8: it is its own letter to the worker, in the place that its timer takes once it has
/// arrived; and that it is in the worker's wheel is all that anybody knows of it, so that a worker that ends
/// finds it there (`end_all`).
class timed_task {
 public:
  using time_point = base::clock::time_point;

  timed_task(const timed_task&) = delete;
  timed_task& operator=(const timed_task&) = delete;

  /// What is wrong with a delay, or a period. [any]
  [[nodiscard]] static std::error_code check_delay(std::chrono::milliseconds delay) noexcept;
  [[nodiscard]] static std::error_code check_period(std::chrono::milliseconds period) noexcept;
  /// What can be added to any time. [any]
  [[nodiscard]] static std::chrono::milliseconds clamped(std::chrono::milliseconds delay) noexcept;

  /// Handles have a share each, and whoever has it to do has one: its letter, then the wheel. [any]
  void hold() noexcept { shares_and_pending_.fetch_add(one_share, std::memory_order_relaxed); }
  void release() noexcept;

  [[nodiscard]] timer handle(std::shared_ptr<inbox> mail) noexcept { return timer{*this, std::move(mail)}; }
  [[nodiscard]] bool is_pending() const noexcept {
    return (shares_and_pending_.load(std::memory_order_acquire) & pending) != 0;
  }
  /// With the inbox of its worker. [any]
  void cancel(inbox& mail) noexcept;

  /// Has it wait in this worker's wheel. Instead of a letter. [worker]
  void wait_at(worker& at, time_point due) noexcept;
  /// The letter that takes it to its worker, which must be pushed, or discarded: due at a time, or so long
  /// after its arrival. [any]
  [[nodiscard]] letter& addressed(time_point due) noexcept;
  [[nodiscard]] letter& addressed(std::chrono::milliseconds delay) noexcept;

  /// Destroys the function, unless it runs: then that is done when it returns. [worker, or whoever discards]
  void end() noexcept;
  /// Ends all that are in this wheel. [worker]
  static void end_all(base::timer_wheel& wheel) noexcept;

 protected:
  enum class kind : std::uint32_t { of_network, of_connection };

  /// A period of 0: once.
  timed_task(kind is, std::chrono::milliseconds period) noexcept
      : kind_{is}, period_{packed_period::pack(period) & packed_period::mask} {}
  ~timed_task() {}  // NOLINT(modernize-use-equals-default): the union has no destructor

 private:
  enum class stage : std::uint32_t { on_its_way, waiting, running, ended };

  /// Brings the task around it, so to say, to the worker.
  class arrival final : public letter {
   public:
    arrival(timed_task& task, std::chrono::nanoseconds when, bool from_arrival) noexcept
        : task_{task}, when_{when}, from_arrival_{from_arrival} {}
    void deliver(worker& at) noexcept override;
    void discard() noexcept override { task_.end(); }

   private:
    timed_task& task_;
    /// Since the clock's epoch, or since the arrival.
    std::chrono::nanoseconds when_;
    bool from_arrival_;
  };

  static constexpr std::uint32_t pending = 1;
  static constexpr std::uint32_t one_share = 2;
  /// Whether it was pending. [any]
  bool stop_pending() noexcept {
    return (shares_and_pending_.fetch_and(~pending, std::memory_order_acq_rel) & pending) != 0;
  }
  /// What the wheel calls.
  static void is_due(void* self) noexcept { static_cast<timed_task*>(self)->fire(); }
  void fire() noexcept;
  [[nodiscard]] bool begins_to_run() noexcept;
  void wait_again(worker& at) noexcept;

  /// The letter while it is on its way, the timer while it waits and runs, then nothing.
  union {
    arrival on_way;
    base::timer in_wheel;
  };
  std::atomic<std::uint32_t> shares_and_pending_ = one_share | pending;
  stage stage_ : 2 = stage::on_its_way;
  kind kind_ : 1;
  std::uint32_t period_ : packed_period::bits;
};

/// [worker]
class network_task final : public timed_task {
 public:
  network_task(std::chrono::milliseconds period, std::move_only_function<void()> call) noexcept
      : timed_task{kind::of_network, period}, call_{std::move(call)} {}

 private:
  friend class timed_task;
  void run(worker& at) noexcept;

  std::move_only_function<void()> call_;
};

/// Known to its connection as well, which ends it. [worker]
class connection_task final : public timed_task, public base::list_node<timed_tag> {
 public:
  connection_task(std::weak_ptr<shell> of, std::chrono::milliseconds period,
                  std::move_only_function<void(connection&)> call) noexcept
      : timed_task{kind::of_connection, period}, of_{std::move(of)}, call_{std::move(call)} {}

 private:
  friend class timed_task;
  /// Has its connection know it. False: that has ended.
  [[nodiscard]] bool join() noexcept;
  [[nodiscard]] bool is_wanted() const noexcept;
  void run() noexcept;

  std::weak_ptr<shell> of_;
  std::move_only_function<void(connection&)> call_;
};

}  // namespace naru::core
