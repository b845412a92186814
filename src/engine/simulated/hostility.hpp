#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace naru::engine::simulated {

/// What a platform does to its users, within what the seam allows. The defaults are the kindest: everything
/// happens at once, and as much of it as there is.
///
/// Shares are in percent of the chances there are; delays are counted in polls of the engine concerned, each
/// drawn anew from 0 to its bound.
struct hostility {
  static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

  /// Everything that is drawn is drawn from this. One thread that polls all engines in the same order sees
  /// the same run again.
  std::uint64_t seed = 1;

  /// Sends that are answered `pending` although there is room. The rest is pending only when there is none.
  unsigned send_pending_percent = 0;
  /// Sends that are answered `no_room` although there is some.
  unsigned send_no_room_percent = 0;
  /// Sends that take fewer bytes than they could, perhaps none where they are pending.
  unsigned send_short_percent = 0;
  /// The most that one send takes.
  std::size_t send_bytes_max = no_limit;

  /// The most that one on_received hands out.
  std::size_t receive_bytes_max = std::size_t{64} << 10;
  /// Draws the size of each on_received from 1 to that.
  bool receive_any_size = false;
  /// How many on_received may be taken from the system ahead of what was told. A pause keeps them back.
  unsigned receives_ahead_max = 1;

  unsigned completion_delay_polls_max = 0;  ///< of received bytes, ends of streams and pending sends
  unsigned connect_delay_polls_max = 0;
  unsigned accept_delay_polls_max = 0;
  unsigned close_delay_polls_max = 0;
  /// Tells what one poll has to tell in a drawn order: across sockets, and between the two directions of one.
  bool reorder = false;

  /// What a stream holds between the sender and the receiver, for what this platform's side sends.
  std::size_t pipe_bytes = std::size_t{256} << 10;

  /// The most datagrams that one on_received hands out; `receive_any_size` draws how many.
  std::size_t receive_datagrams_max = 256;
  /// The most datagrams that one send takes, before it answers `waits`.
  std::size_t send_datagrams_max = no_limit;
  /// Sends of datagrams that are answered `waits` or `no_room` although there is room, and take fewer than
  /// they could. Not twice in a row without taking any, so that there is no waiting in vain for ever.
  unsigned send_datagrams_wait_percent = 0;
  unsigned send_datagrams_no_room_percent = 0;
  /// The receive buffer of a datagram socket whose user leaves it to the system.
  std::size_t datagram_queue_bytes = std::size_t{256} << 10;
  /// Tells of datagrams that found no room only together with the next one that comes, as Linux does.
  bool losses_told_late = false;

  // What the network does to datagrams that this platform sends. Only where it is asked for: without these,
  // order is kept and nothing is lost but for want of room in a receive buffer.
  unsigned lose_percent = 0;
  unsigned duplicate_percent = 0;
  /// They come some polls later than they would have, so that others overtake them.
  unsigned reorder_datagrams_percent = 0;
  /// Of the datagrams that this platform receives: they are counted in `losses::truncated` instead.
  unsigned truncate_percent = 0;

  /// Each engine is called by the thread that polled it first, and by no other. To be cleared where users
  /// turn the only worker themselves, from changing threads.
  bool one_thread = true;

  /// Everything at once, large pipes.
  [[nodiscard]] static hostility calm() noexcept { return {}; }
  /// Everything late, in pieces and in any order.
  [[nodiscard]] static hostility hostile(std::uint64_t seed) noexcept;
  /// One byte at a time in each step, all sends pending, pipes of 256 bytes.
  [[nodiscard]] static hostility one_byte(std::uint64_t seed) noexcept;
};

}  // namespace naru::engine::simulated
