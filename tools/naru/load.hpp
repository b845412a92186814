#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <system_error>

#include <naru/options.hpp>
#include <naru/stats.hpp>

#include "addresses.hpp"
#include "console.hpp"
#include "histogram.hpp"

namespace naru::program {

/// What a load generator can be told.
struct load_options {
  remote_address remote = {};
  std::size_t connections = 100;
  std::size_t message_bytes = 64;
  /// Messages that each connection may have under way.
  std::size_t depth = 1;
  /// Messages a second, of all connections together; none: each answer calls for the next message.
  std::optional<std::uint64_t> rate = {};
  std::chrono::nanoseconds duration = std::chrono::seconds{10};
  /// UDP: a message that is not answered for so long is lost, and another one takes its place.
  std::chrono::milliseconds loss_timeout = std::chrono::seconds{1};
  unsigned workers = network_options::one_per_core;
  bool json = false;
};

/// What came of a load.
struct load_result {
  std::chrono::nanoseconds measured = {};  ///< from the first message to the end of the measurement
  std::uint64_t messages = 0;              ///< that came back right while it lasted
  std::uint64_t sent = 0;                  ///< in all
  std::uint64_t answered = 0;              ///< in all: also those that came back right after it was over
  std::uint64_t lost = 0;                  ///< sent and never come back; with UDP, or too late
  std::uint64_t wrong = 0;                 ///< come back changed, or never sent
  std::uint64_t refused = 0;               ///< that `send` did not take
  std::uint64_t closed_early = 0;          ///< connections that ended before the load ended them
  std::uint64_t late = 0;                  ///< due by the rate, and not sent for want of answers
  std::uint64_t late_answers = 0;          ///< UDP: of messages that counted as lost
  std::uint64_t reordered = 0;             ///< UDP: answered after a later one of their connection
  std::uint64_t duplicates = 0;            ///< UDP: further answers to the same message
  std::uint64_t unheard = 0;               ///< UDP: times that the system told that nobody listened
  std::error_code connect_error = {};      ///< why there was no measurement
  histogram latencies = {};
  network_stats stats = {};

  /// What no transport may do, in any number.
  [[nodiscard]] std::uint64_t faults(transport over) const noexcept {
    return (over == tcp ? lost : 0) + wrong + refused + closed_early;
  }
  /// With UDP losses are a result like others, unless nothing came back at all.
  [[nodiscard]] bool is_good(transport over) const noexcept {
    return !connect_error && faults(over) == 0 && (answered > 0 || lost == 0);
  }
};

/// Connects, sends and measures; shows how far it is in the console's status line. A stop ends the
/// measurement early. Its error says why it could not begin.
[[nodiscard]] std::expected<std::unique_ptr<load_result>, std::string> run_load(const load_options& options,
                                                                                console& speaker,
                                                                                const std::stop_token& stop);

/// The result as a table and a histogram, and as JSON.
[[nodiscard]] std::string report(const load_options& options, const load_result& outcome);
[[nodiscard]] std::string report_as_json(const load_options& options, const load_result& outcome);

}  // namespace naru::program
