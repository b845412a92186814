#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>

namespace naru::program {

/// Which datagrams of one connection are under way, and what became of the others. Each has a sequence
/// number, counted from 0, and ends in one way: answered, or lost when that took longer than the timeout.
///
/// It remembers those under way and those lost, and needs no more: every other one has been answered. Of the
/// lost ones it knows the latest, so that a server that is gone for a day takes no memory for it.
class datagram_ledger {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  enum class kind : std::uint8_t {
    in_time,
    late,       ///< it counts as lost already
    duplicate,  ///< it was answered already, in time or late; or it was lost too long ago to be known
    unsent,     ///< there was no such message
  };
  struct answer {
    kind is = kind::unsent;
    /// A later message was answered before (RFC 4737, 3.3). Of those in time only: what counts as lost has no
    /// place in the order.
    bool reordered = false;
    time_point due = {};
  };

  static constexpr std::size_t lost_known_max = 65'536;

  explicit datagram_ledger(std::chrono::nanoseconds timeout) : timeout_{timeout} {}

  /// The next message goes. `due` is handed back with its answer.
  void sent(time_point due, time_point now);
  /// An answer came. Those that are lost by now must have been given up before.
  [[nodiscard]] answer answered(std::uint64_t sequence);
  /// Counts as lost what has been under way for the timeout. How many those are.
  std::size_t give_up(time_point now);

  [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }
  /// When there is something to give up, unless it is answered before.
  [[nodiscard]] std::optional<time_point> next_loss() const noexcept;

 private:
  struct entry {
    time_point due = {};
    time_point sent = {};
    bool is_answered = false;
  };

  void forget_answered();

  const std::chrono::nanoseconds timeout_;
  std::deque<entry> entries_;        // from the oldest that is under way to the newest
  std::uint64_t first_ = 0;          // the sequence number of the first entry
  std::size_t under_way_ = 0;        // entries that are not answered
  std::uint64_t next_expected_ = 0;  // above the highest that was answered in time
  std::set<std::uint64_t> lost_;     // without those that were answered late
};

}  // namespace naru::program
