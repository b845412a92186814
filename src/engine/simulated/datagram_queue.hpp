#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include <naru/endpoint.hpp>

#include "engine/datagrams.hpp"

namespace naru::engine::simulated {

/// A datagram on its way.
struct datagram {
  endpoint remote = {};
  endpoint local = {};
  std::vector<std::byte> bytes = {};
};

/// The receive buffer of a datagram socket: what does not fit is lost, and counted. Guarded by the mutex of
/// the kernel.
class datagram_queue {
 public:
  explicit datagram_queue(std::size_t capacity_bytes) noexcept : capacity_bytes_{capacity_bytes} {}

  /// What is in it stays in it.
  void set_capacity(std::size_t bytes) noexcept { capacity_bytes_ = bytes; }

  /// A datagram comes, in so many polls of its receiver.
  void put(datagram next, unsigned late_polls);
  /// The receiver polls. True while there are datagrams that come in a later poll.
  bool pass_poll();

  /// How many can be taken.
  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }
  /// What was taken, and how many were lost before it came.
  struct taken {
    datagram what = {};
    std::size_t lost_before = 0;
  };
  [[nodiscard]] taken take();
  /// How many were lost behind the last that came: those that no `take` will tell of.
  [[nodiscard]] std::size_t take_lost() noexcept;

 private:
  struct late_one {
    datagram what = {};
    unsigned polls = 0;
  };

  void arrive(datagram next);

  std::size_t capacity_bytes_;
  std::size_t held_bytes_ = 0;
  std::size_t lost_ = 0;
  std::deque<taken> waiting_;
  std::vector<late_one> late_;
};

}  // namespace naru::engine::simulated
