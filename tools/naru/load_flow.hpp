#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <naru/connection.hpp>

#include "countdown.hpp"
#include "histogram.hpp"
#include "message_pattern.hpp"

namespace naru::program {

/// What one worker of a load has counted. Only that worker writes; others may read at the same time.
struct load_tally {
  class counter {
   public:
    void add(std::uint64_t amount) noexcept { value_.store(value() + amount, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

   private:
    std::atomic<std::uint64_t> value_ = 0;
  };
  counter sent;
  counter right;
  counter lost;
  counter wrong;
  counter refused;
  counter closed_early;
  histogram latencies;
};

/// What all flows of a load share. Set before the first message, and not changed while there are any.
struct load_plan {
  using clock = std::chrono::steady_clock;

  message_pattern pattern;
  std::size_t depth;
  std::size_t flows;
  std::optional<std::uint64_t> rate;
  std::chrono::nanoseconds duration;
  clock::time_point start = {};
  countdown unfinished = {};

  /// With a rate: when a flow's message is due. The flows take turns.
  [[nodiscard]] clock::time_point due(std::size_t flow, std::uint64_t sequence) const noexcept;
  /// How many messages are due in `elapsed`.
  [[nodiscard]] std::uint64_t due_within(std::chrono::nanoseconds elapsed) const noexcept;
};

/// One connection of a load: sends, checks what comes back, and measures how long it took. All but `poke` and
/// `weak` runs on the worker of its connection.
class load_flow {
 public:
  load_flow(load_plan& plan, std::uint32_t number) : plan_{plan}, number_{number} {}

  void on_connected(connection& peer, load_tally& tally);
  void on_received(connection& peer, bytes_view message);
  /// `locally`: we ended it ourselves.
  void on_closed(bool locally);

  /// Sends what may be sent now.
  void fill(connection& peer);
  /// Sends no more; what is under way is waited for.
  void settle();
  /// Has the worker fill it; cheap when that has been asked for already. [any]
  void poke();
  /// The connection, once it is connected. [any]
  [[nodiscard]] const std::weak_ptr<connection>& weak() const noexcept { return weak_; }

 private:
  using clock = load_plan::clock;

  void fill_at(connection& peer, clock::time_point now);
  void accept(bytes_view message, clock::time_point now);
  [[nodiscard]] std::uint64_t under_way() const noexcept { return sent_ - received_; }
  void finish();

  load_plan& plan_;
  const std::uint32_t number_;
  std::weak_ptr<connection> weak_;
  load_tally* tally_ = nullptr;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  bool settling_ = false;
  bool finished_ = false;
  std::atomic<bool> poked_ = false;
  std::vector<clock::time_point> sent_at_;  // of the messages under way, by sequence modulo depth
};

}  // namespace naru::program
