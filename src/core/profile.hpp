#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

#include <naru/handlers.hpp>
#include <naru/options.hpp>

#include "core/network_totals.hpp"
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
  /// What waits has other limits than that of its bytes.
  bool limits_more_than_bytes;
  /// Where `on_backlog_high` and `on_drained` are due; a high one of 0: nowhere.
  struct watermarks {
    std::size_t high;
    std::size_t low;
  };
  watermarks marks;
  /// What all connections of the network share.
  std::shared_ptr<network_totals> totals;

  profile(transport carrier, const connection_options& from, std::shared_ptr<const handlers> shared,
          std::shared_ptr<network_totals> of_network = std::make_shared<network_totals>())
      : over{carrier},
        options{from},
        rules{rules_from(carrier, from)},
        callbacks{std::move(shared)},
        limits_more_than_bytes{from.backlog_messages_max != 0 || from.backlog_age_max.count() > 0},
        marks{watermarks_of(options)},
        totals{std::move(of_network)} {
    for (auto* const duration :
         {&options.linger_timeout, &options.udp.idle_timeout, &options.idle_timeout, &options.backlog_age_max,
          &options.flush_interval, &options.write_stall_timeout, &options.message_timeout}) {
      *duration = std::min(*duration, duration_max);
    }
  }

  [[nodiscard]] static watermarks watermarks_of(const connection_options& from) noexcept {
    std::size_t high = from.backlog_high_bytes;
    if (high == 0 && from.when_backlog_full == backlog_policy::pause_reading)
      high = from.backlog_bytes_max / 2;
    return {.high = high, .low = from.backlog_low_bytes};
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
