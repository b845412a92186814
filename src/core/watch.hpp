#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/clock.hpp"
#include "base/timer_wheel.hpp"
#include "core/profile.hpp"
#include "core/receive_allowance.hpp"

namespace naru::core {

class shell;
class strand;
class worker;

/// What one connection is watched for, of those whose options name something: its deadlines, behind one
/// timer; what keeps it from reading; how much it may send; whether its backlog is high; where its handlers
/// run. Its socket asks and acts. [worker]
class watch {
 public:
  using time_point = base::clock::time_point;

  enum class deadline : std::uint8_t {
    idle,         ///< nothing was received for too long
    stall,        ///< the peer takes nothing of what waits
    message,      ///< a message was begun and is not whole
    backlog_age,  ///< the oldest byte that waits is too old
    flush,        ///< the next tick
    allowance,    ///< the peer may send again
  };
  static constexpr std::size_t deadline_count = 6;

  /// What keeps the library from reading.
  enum hold : std::uint8_t { by_backlog = 1, by_allowance = 2, by_executor = 4 };

  /// Whether a connection of this profile has to be watched.
  [[nodiscard]] static bool is_wanted(const profile& common) noexcept;

  /// When a deadline has come, `act` is called with the owner. Null when there is no memory.
  [[nodiscard]] static std::unique_ptr<watch> make(worker& at, const std::shared_ptr<shell>& of,
                                                   base::timer::action act, void* owner) noexcept;

  /// Sets a deadline, or moves it.
  void set(deadline which, time_point due) noexcept;
  void clear(deadline which) noexcept { dues_[static_cast<std::size_t>(which)] = never; }
  [[nodiscard]] bool is_set(deadline which) const noexcept { return due_of(which) != never; }
  /// Whether it has come; it is cleared then.
  [[nodiscard]] bool take_due(deadline which, time_point now) noexcept;
  /// The timer has fired: waits for the next of them.
  void arm_again() noexcept;
  /// No deadline comes any more.
  void stop() noexcept;

  [[nodiscard]] bool is_held() const noexcept { return holds_ != 0; }
  /// True when reading stops now.
  bool hold_back(hold why) noexcept {
    const bool first = holds_ == 0;
    holds_ |= why;
    return first;
  }
  /// True when reading goes on now.
  bool let_go(hold why) noexcept {
    if ((holds_ & why) == 0) return false;
    holds_ &= static_cast<std::uint8_t>(~why);
    return holds_ == 0;
  }

  /// Where its handlers run; null: on the worker.
  [[nodiscard]] strand* elsewhere() const noexcept {
    return rest_ == nullptr ? nullptr : rest_->elsewhere.get();
  }
  /// How much its peer may send; null: as much as it likes.
  [[nodiscard]] receive_allowance* allowance() const noexcept {
    return rest_ == nullptr || !rest_->allowance.is_limited() ? nullptr : &rest_->allowance;
  }
  [[nodiscard]] bool is_backlog_high() const noexcept { return is_high_; }
  void set_backlog_high(bool high) noexcept { is_high_ = high; }
  /// When the next tick of the flush is: the same moment for all connections of an interval, so that they
  /// leave together.
  [[nodiscard]] static time_point next_tick(time_point now, std::chrono::milliseconds interval) noexcept;

 private:
  watch(worker& at, base::timer::action act, void* owner) noexcept;

  static constexpr time_point never = time_point::max();

  /// What fewer need than deadlines.
  struct rest {
    receive_allowance allowance;
    std::shared_ptr<strand> elsewhere;
  };

  [[nodiscard]] time_point due_of(deadline which) const noexcept {
    return dues_[static_cast<std::size_t>(which)];
  }

  worker& worker_;
  std::array<time_point, deadline_count> dues_;
  base::timer timer_;
  time_point armed_for_ = never;
  /// Null for those that name neither.
  std::unique_ptr<rest> rest_ = nullptr;
  std::uint8_t holds_ = 0;
  bool is_high_ = false;
};

}  // namespace naru::core
