#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

#include <naru/handlers.hpp>
#include <naru/options.hpp>

#include "protocol/frame_rules.hpp"

namespace naru::core {

/// What all connections of a listener, or the one of a connect, have in common. Does not change once made, so
/// that any thread may read it.
struct profile {
  transport over;
  connection_options options;
  /// A datagram needs no frame: with UDP, those of a raw stream and the largest datagram.
  protocol::frame_rules rules;
  std::shared_ptr<const handlers> callbacks;

  profile(transport carrier, const connection_options& from, std::shared_ptr<const handlers> shared)
      : over{carrier}, options{from}, rules{rules_from(carrier, from)}, callbacks{std::move(shared)} {
    options.linger_timeout = std::min(options.linger_timeout, duration_max);
    options.udp.idle_timeout = std::min(options.udp.idle_timeout, duration_max);
  }

  [[nodiscard]] bool is_udp() const noexcept { return over == transport::udp; }
  /// What a message of this size counts against the backlog. Datagrams wait in memory of their own, and an
  /// empty one takes some too.
  [[nodiscard]] std::size_t charge(std::size_t wire_bytes) const noexcept {
    return is_udp() ? std::max(wire_bytes, datagram_charge_min) : wire_bytes;
  }
  static constexpr std::size_t datagram_charge_min = 64;

  /// Longer than anybody waits, and short enough to be added to any time.
  static constexpr std::chrono::milliseconds duration_max = std::chrono::years{1};

 private:
  [[nodiscard]] static protocol::frame_rules rules_from(transport carrier,
                                                        const connection_options& from) noexcept {
    if (carrier == transport::tcp) return protocol::frame_rules::from(from.frames, from.max_message_bytes);
    return protocol::frame_rules::from(framing::raw(),
                                       std::min(from.max_message_bytes, from.udp.max_datagram_bytes));
  }
};

}  // namespace naru::core
