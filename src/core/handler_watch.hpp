#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <naru/socket_id.hpp>
#include <naru/stats.hpp>

#include "base/clock.hpp"
#include "core/counters.hpp"

namespace naru::core {

/// Which of the user's functions is called. Made from its name, which must be one of these, when the library
/// is compiled, so that it takes one byte.
class handler_kind {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor,hicpp-explicit-conversions): the name is what callers write
  consteval handler_kind(const char* name) : index_{index_of(name)} {}

  [[nodiscard]] constexpr std::uint8_t index() const noexcept { return index_; }
  [[nodiscard]] constexpr std::string_view name() const noexcept { return name_of(index_); }
  [[nodiscard]] static constexpr std::string_view name_of(std::uint8_t index) noexcept {
    return names[index];
  }

 private:
  /// The first one stands for none.
  static constexpr std::array<std::string_view, 13> names = {
      "",          "on_accepting",    "on_connected", "on_received",        "on_peer_ended", "on_error",
      "on_closed", "on_backlog_high", "on_drained",   "on_listener_closed", "posted task",   "timer",
      "executor"};

  static consteval std::uint8_t index_of(std::string_view name) {
    for (std::uint8_t i = 1; i < names.size(); ++i) {
      if (names[i] == name) return i;
    }
    throw "this function's name is missing above";
  }

  std::uint8_t index_;
};

/// Which handler a worker runs, and for how long, for other threads to see.
class handler_watch {
 public:
  using time_point = base::clock::time_point;

  explicit handler_watch(const base::clock& time) noexcept : clock_{time} {}
  handler_watch(const handler_watch&) = delete;
  handler_watch& operator=(const handler_watch&) = delete;

  /// Has each call's time taken; those that take longer than this count as stalls. Before the worker runs.
  void take_times(std::chrono::nanoseconds stall) noexcept {
    stall_ = stall;
    is_timed_ = true;
  }

  // Around each call. [worker]
  void begin(connection_id of, handler_kind which) noexcept {
    // One word, so that what another thread reads belongs to one call.
    running_.store(static_cast<std::uint64_t>(of) << kind_bits | which.index(), std::memory_order_release);
    if (is_timed_) [[unlikely]]
      begin_timed();
  }
  void end() noexcept {
    if (is_timed_) [[unlikely]]
      end_timed();
    running_.store(0, std::memory_order_release);
  }

  /// "connection 7: on_received", or "on_accepting"; empty when none runs. Throws std::bad_alloc. [any]
  [[nodiscard]] std::string describe() const { return describe(running_.load(std::memory_order_acquire)); }

  /// A call that runs now, where times are taken.
  struct running_call {
    /// Another one for each call.
    std::uint64_t number = 0;
    std::uint64_t running = 0;
    time_point since = {};
  };
  /// [any]
  [[nodiscard]] std::optional<running_call> look() const noexcept;
  [[nodiscard]] static std::string describe(std::uint64_t running);
  [[nodiscard]] time_point now() const noexcept { return clock_.now(); }

  /// [any]
  void add_to(network_stats& sum) const noexcept;

 private:
  static constexpr unsigned kind_bits = 8;

  void begin_timed() noexcept;
  void end_timed() noexcept;

  std::atomic<std::uint64_t> running_ = 0;
  bool is_timed_ = false;

  // Where times are taken. Odd while a call runs; what a reader finds between two equal odd numbers is that
  // call's, since `begin` writes it before the number, and the next one after having changed the number.
  std::atomic<std::uint64_t> number_ = 0;
  std::atomic<time_point::rep> since_ = 0;
  std::chrono::nanoseconds stall_ = {};
  const base::clock& clock_;
  counter stalls_;
  std::array<counter, std::tuple_size_v<handler_time_histogram>> times_;
};

}  // namespace naru::core
