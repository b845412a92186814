#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <stop_token>
#include <string>
#include <system_error>
#include <vector>

#include <naru/endpoint.hpp>
#include <naru/network.hpp>

#include "connector.hpp"
#include "console.hpp"
#include "load.hpp"
#include "load_flow.hpp"

namespace naru::program {

/// One load from its first connect to its last close. What is not said otherwise runs on the main thread.
class load_run {
 public:
  load_run(const load_options& options, console& speaker, const std::stop_token& stop);

  [[nodiscard]] std::expected<std::unique_ptr<load_result>, std::string> run();

 private:
  using clock = load_plan::clock;

  /// Begins one connect. On any thread, the first one on the main thread.
  std::error_code connect(std::size_t number);
  /// With UDP nobody tells when a connection came about.
  std::error_code join(load_flow& flow, const std::weak_ptr<connection>& weak, std::size_t number);
  void joined(load_flow& flow, connection& peer);
  /// False when there will be none.
  [[nodiscard]] bool wait_for_name(const std::weak_ptr<connection>& weak) const;
  void measure(load_result& outcome);
  /// True when all connections ended before.
  bool show_progress_until(clock::time_point end);
  void show_progress(std::chrono::nanoseconds elapsed, double messages_a_second);
  void settle();
  /// With UDP what comes late or twice may still be on its way when everything has been answered.
  void hear_stragglers();
  void collect(load_result& outcome) const;
  [[nodiscard]] std::uint64_t sum(load_tally::counter load_tally::* which) const noexcept;
  [[nodiscard]] std::uint64_t right_so_far() const noexcept { return sum(&load_tally::right); }

  const load_options options_;
  console& speaker_;
  const std::stop_token stop_;
  load_plan plan_;
  const std::vector<std::unique_ptr<load_tally>> tallies_;  // one for each worker
  std::vector<std::unique_ptr<load_flow>> flows_;
  endpoint remote_;  // set by the first connection, before others are begun
  connector connector_;
  network net_;  // last: its workers use all the others
};

}  // namespace naru::program
