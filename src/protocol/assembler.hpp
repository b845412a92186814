#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <naru/bytes.hpp>

#include "protocol/delivery.hpp"
#include "protocol/frame_rules.hpp"
#include "protocol/held_bytes.hpp"

namespace naru::protocol {

struct cut;

/// Cuts one connection's stream into messages. A message that lies whole in what is fed is delivered from
/// there; one that is split is put together in memory that grows with the bytes that came, never with the
/// length that was announced, and is given back when the message has been delivered.
///
/// After a verdict other than `all_taken` and a `stopped` that stands for a pause it has ended: it holds
/// nothing, and delivers nothing more, since nobody knows where the next message would begin.
///
/// An exception that leaves `deliver` passes through; then `end` must be called before anything else but the
/// destructor. `deliver` may call nothing here but the queries. [worker]
class assembler {
 public:
  /// What it holds is counted in the budget, where there is one, which lives longer than this.
  explicit assembler(base::memory_budget* budget = nullptr) noexcept : budget_{budget} {}

  /// Delivers what has become whole, in order, as `deliver(bytes_view) -> after_message`. While paused it
  /// only holds what it is given, behind the rest.
  template <class Deliver>
  feed_result feed(const frame_rules& rules, bytes_view received, Deliver&& deliver);

  /// Delivers what a pause has held back.
  feed_result resume(const frame_rules& rules, deliver_ref deliver);

  /// No more will be delivered, and no memory held.
  void end() noexcept;

  /// `deliver` asked for a pause, and `resume` has not been called since. Messages may be waiting.
  [[nodiscard]] bool is_paused() const noexcept { return state_ == state::paused; }
  /// The beginning of a message waits for the rest of it.
  [[nodiscard]] bool is_mid_message() const noexcept { return state_ == state::split; }
  [[nodiscard]] std::size_t buffered_bytes() const noexcept { return held_.view().size(); }
  [[nodiscard]] std::size_t capacity_bytes() const noexcept { return held_.capacity_bytes(); }

 private:
  enum class state : std::uint8_t {
    between,  ///< nothing is held
    split,    ///< the beginning of one message is held
    paused,   ///< nothing may be delivered; any bytes may be held, seen by nobody
    ended,
  };

  /// Takes from `received` what completes the split message, and delivers that. With `all_taken` and bytes
  /// left in `received` a message may begin there.
  feed_result finish_split(const frame_rules& rules, bytes_view& received, deliver_ref deliver);
  /// Delivers messages from `received` and holds what is left; nothing is held before.
  feed_result deliver_run(const frame_rules& rules, bytes_view received, deliver_ref deliver);
  /// Does what `deliver` asked for, with the bytes behind its message.
  feed_result stop(bytes_view rest, after_message wish) noexcept;
  feed_result fail(feed_result::verdict verdict, std::size_t announced_bytes = 0) noexcept;
  feed_result fail(const cut& bad) noexcept;

  base::memory_budget* budget_;
  held_bytes held_ = {};
  /// Of a split message: how much of it was looked at, and how much must be there before another look.
  std::size_t seen_bytes_ = 0;
  std::size_t wanted_bytes_ = 0;
  state state_ = state::between;
};

static_assert(sizeof(assembler) <= 48, "every connection has one");

template <class Deliver>
feed_result assembler::feed(const frame_rules& rules, bytes_view received, Deliver&& deliver) {
  if (state_ != state::between) [[unlikely]] {
    const feed_result result = finish_split(rules, received, deliver_ref{deliver});
    if (result.state != feed_result::verdict::all_taken || received.empty()) return result;
  }

  // The usual framing, and messages that are whole: all that a busy connection does. Whatever is not that is
  // left to deliver_run, which looks at it again.
  if (rules.prefix_bytes == sizeof(std::uint32_t)) [[likely]] {
    const bool swapped = rules.prefix_swapped;
    const std::size_t body_bytes_max = rules.max_body_bytes;
    const std::byte* at = received.data();
    std::size_t left = received.size();
    while (left >= sizeof(std::uint32_t)) {
      std::uint32_t prefix = 0;
      std::memcpy(&prefix, at, sizeof prefix);
      const std::size_t body_bytes = swapped ? std::byteswap(prefix) : prefix;
      if (body_bytes > body_bytes_max || body_bytes > left - sizeof prefix) break;
      const bytes_view message{at + sizeof prefix, body_bytes};
      at += sizeof prefix + body_bytes;
      left -= sizeof prefix + body_bytes;
      const after_message wish = deliver(message);
      if (wish != after_message::go_on) [[unlikely]]
        return stop({at, left}, wish);
    }
    if (left == 0) return {};
    received = {at, left};
  }
  return deliver_run(rules, received, deliver_ref{deliver});
}

}  // namespace naru::protocol
