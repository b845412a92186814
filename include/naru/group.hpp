#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <naru/bytes.hpp>
#include <naru/error.hpp>
#include <naru/export.hpp>
#include <naru/message.hpp>

namespace naru {

namespace core {
class group_state;
}

class connection;

/// Counters of a group since it was made.
struct group_stats {
  std::uint64_t messages = 0;  ///< that were sent to it
  std::uint64_t copies = 0;    ///< taken into the queues of members
  std::uint64_t refused =
      0;  ///< not taken into one: its limits, or no memory; its `backlog_policy` did the rest
};

/// A set of connections that get the same messages: a room, a region of a world, everybody. The message is
/// framed once, its bytes are shared by all queues, and the caller pays for one letter to each worker, not to
/// each member: the workers hand it to their own.
///
/// Each member's limits hold as for any send, when the message reaches it; what is refused there is counted.
/// A member leaves by itself when its connection ends. Members may be of several networks, and of TCP and UDP
/// at once.
///
/// Order: for one member, what one thread sends to the group and to that connection arrives in the order of
/// the calls, joining and leaving included: who was added before a message is sent gets it. Two threads that
/// send to a group at the same time may be seen in different orders by different members; a lock around their
/// calls prevents that.
///
/// Thread safety: every member may be called from any thread at any time, but for moving and the destructor.
/// None blocks. Re-entrancy: inside any handler; no handler runs inside a call. Ownership: a group keeps no
/// connection alive; destroying it lets its members go, and what was sent before still reaches them.
class NARU_API group {
 public:
  group();
  group(group&& other) noexcept;
  group& operator=(group&& other) noexcept;
  ~group();

  /// Nothing changes for one that is in it.
  ///
  /// Errors: `closed`; `std::errc::not_enough_memory`.
  result<void> add(connection& member);
  /// Nothing changes for one that is not in it.
  ///
  /// Errors: `closed`; `std::errc::not_enough_memory`.
  result<void> remove(connection& member);

  /// To all who are in it.
  ///
  /// Errors: `invalid_message` for a message that is nothing; `std::errc::not_enough_memory`, and nobody gets
  /// it.
  result<void> send(const message& shared);
  /// To all but this one: the one that it came from.
  result<void> send_except(const connection& but, const message& shared);
  // The same with a message that is made here.
  result<void> send(bytes_view bytes);
  result<void> send(std::string_view text) { return send(as_bytes(text)); }
  result<void> send(const char* text) { return send(std::string_view{text}); }
  result<void> send_except(const connection& but, bytes_view bytes);

  /// How many are in it, as far as their workers have heard.
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] group_stats stats() const noexcept;

 private:
  std::unique_ptr<core::group_state> state_;
};

}  // namespace naru
