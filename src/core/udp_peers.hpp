#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <naru/endpoint.hpp>

#include "base/clock.hpp"
#include "core/counters.hpp"
#include "core/udp_renter.hpp"
#include "protocol/peer_table.hpp"

namespace naru::core {

/// The peers of one worker's part of a UDP socket: which connection an address has, and who goes first when
/// there are too many or one of them is silent. It decides, and ends nobody itself. [worker]
class udp_peers {
 public:
  using time_point = base::clock::time_point;
  using list = base::intrusive_list<socket, all_tag>;
  using silence_list = base::intrusive_list<udp_renter, silence_tag>;

  /// With the worker's count of those on probation, which the statistics show.
  explicit udp_peers(counter& on_probation) noexcept : counted_on_probation_{on_probation} {}

  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] std::size_t on_probation() const noexcept { return on_probation_; }

  [[nodiscard]] udp_renter* find(std::uint64_t hash, const endpoint& remote) const noexcept {
    return table_.find(hash, remote);
  }
  /// A new one, found by its address from now on; false when there is no memory.
  [[nodiscard]] bool add(udp_renter& peer) noexcept;
  /// The only one of a connected socket: there is nothing to find.
  void add_only(udp_renter& peer) noexcept;
  void remove(udp_renter& peer) noexcept;

  /// Something came from it.
  void heard(udp_renter& peer, time_point now) noexcept;
  /// Only its end is left to come.
  void begin_to_close(udp_renter& peer, time_point now) noexcept;
  /// It has left, but for its `on_closed`: it is not found any more.
  void begin_to_leave(udp_renter& peer) noexcept;
  /// It is now of this standing.
  void move_to(udp_renter& peer, udp_renter::standing next) noexcept;

  /// Whom another one takes the place of. Null: there is nobody who could go.
  [[nodiscard]] udp_renter* longest_on_probation() const noexcept;
  [[nodiscard]] udp_renter* longest_silent() const noexcept;

  /// One that has been silent since before `silent`, or closing since before `closing`; null when there is
  /// none.
  [[nodiscard]] udp_renter* overdue(std::optional<time_point> silent, time_point closing) const noexcept;
  /// When that will next be so, given how long each may last; no silence counts without a time for it.
  [[nodiscard]] std::optional<time_point> next_overdue(std::optional<std::chrono::nanoseconds> silence,
                                                       std::chrono::nanoseconds closing) const noexcept;

  /// Does something to each, which may end any of them.
  template <typename Action>
  void for_each(Action&& act) noexcept {
    list all;
    // Those that close already stay in front of those that `act` makes close.
    for (std::size_t i = lists_.size(); i-- > 0;) all.append(lists_[i]);
    while (socket* const one = all.pop_front()) {
      auto& peer = static_cast<udp_renter&>(*one);
      list_of(peer).push_back(peer);
      act(peer);
    }
  }

 private:
  [[nodiscard]] list& list_of(const udp_renter& peer) noexcept {
    return lists_[static_cast<std::size_t>(peer.now_is())];
  }
  [[nodiscard]] udp_renter* first_of(udp_renter::standing which) const noexcept {
    return static_cast<udp_renter*>(lists_[static_cast<std::size_t>(which)].front());
  }

  void take_out_of_table(udp_renter& peer) noexcept;
  void count_on_probation() noexcept;
  void uncount_on_probation() noexcept;

  protocol::peer_table<udp_renter> table_;
  /// One for each standing. Those on probation stand in the order in which they came, those that were
  /// admitted in that in which they were last heard, closing ones in that in which they began to.
  std::array<list, udp_renter::standing_count> lists_;
  /// All but the closing ones, in the order in which they were last heard.
  silence_list by_silence_;
  std::size_t count_ = 0;
  std::size_t on_probation_ = 0;
  counter& counted_on_probation_;
};

}  // namespace naru::core
