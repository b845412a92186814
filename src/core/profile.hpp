#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include <naru/handlers.hpp>
#include <naru/options.hpp>

#include "protocol/frame_rules.hpp"

namespace naru::core {

/// What all connections of a listener, or the one of a connect, have in common. Does not change once made, so
/// that any thread may read it.
struct profile {
  connection_options options;
  protocol::frame_rules rules;
  std::shared_ptr<const handlers> callbacks;

  profile(const connection_options& from, std::shared_ptr<const handlers> shared)
      : options{from},
        rules{protocol::frame_rules::from(from.frames, from.max_message_bytes)},
        callbacks{std::move(shared)} {
    options.linger_timeout = std::min(options.linger_timeout, duration_max);
  }

  /// Longer than anybody waits, and short enough to be added to any time.
  static constexpr std::chrono::milliseconds duration_max = std::chrono::years{1};
};

}  // namespace naru::core
