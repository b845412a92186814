#include "load_run.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "pacer.hpp"
#include "server.hpp"
#include "style.hpp"
#include "waiting.hpp"

namespace naru::program {

namespace {

/// The tally of the worker that this thread is.
thread_local load_tally* own_tally = nullptr;

unsigned workers_for(const load_options& options) {
  if (options.workers != network_options::one_per_core) return options.workers;
  return std::max(1U, std::thread::hardware_concurrency());
}

std::vector<std::unique_ptr<load_tally>> make_tallies(unsigned workers) {
  std::vector<std::unique_ptr<load_tally>> tallies(workers);
  for (auto& tally : tallies) tally = std::make_unique<load_tally>();
  return tallies;
}

connect_options connect_options_for(const load_options& options) {
  const auto largest = std::max(options.message_bytes, connection_options{}.max_message_bytes);
  auto limits = connection_options_for(framing::length_prefix(), largest);
  constexpr std::size_t framing_bytes = 4;
  limits.backlog_bytes_max =
      std::max(limits.backlog_bytes_max, options.depth * (options.message_bytes + framing_bytes));
  return {.connection = std::move(limits)};
}

}  // namespace

load_run::load_run(const load_options& options, console& speaker, const std::stop_token& stop)
    : options_{options},
      speaker_{speaker},
      stop_{stop},
      plan_{.pattern = message_pattern{options.message_bytes},
            .depth = options.depth,
            .flows = options.connections,
            .rate = options.rate,
            .duration = options.duration},
      tallies_{make_tallies(workers_for(options))},
      connector_{options.connections, [this](std::size_t number) { return connect(number); }},
      net_{{.workers = workers_for(options),
            .on_worker_start = [this](unsigned worker) { own_tally = tallies_[worker].get(); },
            .log = speaker.log_hook()}} {
  plan_.unfinished.set(options.connections);
  flows_.reserve(options.connections);
  for (std::uint32_t i = 0; i < options.connections; ++i)
    flows_.push_back(std::make_unique<load_flow>(plan_, i));
}

std::expected<std::unique_ptr<load_result>, std::string> load_run::run() {
  if (const auto started = net_.start(); !started) return std::unexpected{started.error().message()};
  auto outcome = std::make_unique<load_result>();
  speaker_.status(fmt::format("  connecting to {} ...", options_.remote));
  connector_.start();
  outcome->connect_error = connector_.wait(stop_);
  if (!outcome->connect_error) measure(*outcome);
  speaker_.end_status();
  for (const auto& flow : flows_) {
    if (const auto peer = flow->weak().lock()) peer->close();
  }
  net_.stop(std::chrono::seconds{5});
  collect(*outcome);
  return outcome;
}

std::error_code load_run::connect(std::size_t number) {
  auto& flow = *flows_[number];
  handlers own{
      .on_connected =
          [this, &flow](connection& peer) {
            flow.on_connected(peer, *own_tally);
            if (remote_.family() == address_family::none) remote_ = peer.remote_endpoint();
            connector_.answered({});
          },
      .on_received = [&flow](connection& peer, bytes_view message) { flow.on_received(peer, message); },
      .on_closed =
          [this, &flow](connection&, close_reason why) {
            if (why == close_cause::connect_failed) return connector_.answered(why.error);
            flow.on_closed(why == close_cause::local || why == close_cause::network_stopped);
          },
  };
  const auto options = connect_options_for(options_);
  // The first connection finds the way, by name perhaps; the others take the same one.
  const auto begun = number == 0 ? net_.connect(tcp, options_.remote, std::move(own), options)
                                 : net_.connect(tcp, remote_, std::move(own), options);
  return begun ? std::error_code{} : begun.error();
}

void load_run::measure(load_result& outcome) {
  plan_.start = clock::now();
  const auto end = plan_.start + plan_.duration;
  for (const auto& flow : flows_) flow->poke();
  {
    std::optional<pacer> pace;
    if (plan_.rate) pace.emplace(plan_, flows_);
    const bool all_ended = show_progress_until(end);
    if (pace && !all_ended && !stop_.stop_requested()) pace->finish();
  }
  outcome.measured = clock::now() - plan_.start;
  outcome.messages = right_so_far();
  settle();
}

bool load_run::show_progress_until(clock::time_point end) {
  constexpr std::chrono::milliseconds step{250};
  auto then = plan_.start;
  std::uint64_t before = 0;
  while (!stop_.stop_requested()) {
    if (plan_.unfinished.wait_until(stop_, std::min(then + step, end))) return true;
    const auto now = clock::now();
    if (now >= end) break;
    if (!speaker_.has_status_line()) {
      then = end;
      continue;
    }
    const auto right = right_so_far();
    const auto a_second =
        static_cast<double>(right - before) / std::chrono::duration<double>{now - then}.count();
    show_progress(now - plan_.start, a_second);
    before = right;
    then = now;
  }
  return false;
}

void load_run::show_progress(std::chrono::nanoseconds elapsed, double messages_a_second) {
  histogram latencies;
  for (const auto& tally : tallies_) latencies.add(tally->latencies);
  const auto seconds = [](std::chrono::nanoseconds time) {
    return std::chrono::duration<double>{time}.count();
  };
  constexpr unsigned bar_columns = 10;
  const auto gone =
      std::min(static_cast<unsigned>(seconds(elapsed) / seconds(plan_.duration) * bar_columns), bar_columns);
  auto drawn = bar(static_cast<double>(gone) / bar_columns, bar_columns);
  for (auto i = gone; i < bar_columns; ++i) drawn += "░";
  speaker_.status(fmt::format("  {} {:.1f}/{:g} s  {} messages/s  {} MB/s  p50 {}  p99 {}", drawn,
                              seconds(elapsed), seconds(plan_.duration),
                              grouped(static_cast<std::uint64_t>(messages_a_second)),
                              megabytes(messages_a_second * static_cast<double>(options_.message_bytes)),
                              readable(latencies.quantile(0.5)), readable(latencies.quantile(0.99))));
}

// What is under way gets time to come back, as long as anything does.
void load_run::settle() {
  constexpr std::chrono::seconds patience{5};
  for (const auto& flow : flows_) {
    const auto peer = flow->weak().lock();
    if (peer) peer->post([&settled = *flow](connection&) { settled.settle(); });
  }
  const std::stop_token to_the_end;
  std::uint64_t before = 0;
  while (!plan_.unfinished.wait_until(to_the_end, clock::now() + patience)) {
    const auto right = right_so_far();
    if (right == before) return;
    before = right;
  }
}

void load_run::collect(load_result& outcome) const {
  outcome.sent = sum(&load_tally::sent);
  if (plan_.rate) {
    const auto due = plan_.due_within(std::min(outcome.measured, plan_.duration));
    outcome.late = due - std::min(due, outcome.sent);
  }
  outcome.lost = sum(&load_tally::lost);
  outcome.wrong = sum(&load_tally::wrong);
  outcome.refused = sum(&load_tally::refused);
  outcome.closed_early = sum(&load_tally::closed_early);
  outcome.stats = net_.stats();
  for (const auto& tally : tallies_) outcome.latencies.add(tally->latencies);
}

std::uint64_t load_run::sum(load_tally::counter load_tally::* which) const noexcept {
  std::uint64_t total = 0;
  for (const auto& tally : tallies_) total += (*tally.*which).value();
  return total;
}

std::expected<std::unique_ptr<load_result>, std::string> run_load(const load_options& options,
                                                                  console& speaker,
                                                                  const std::stop_token& stop) {
  return load_run{options, speaker, stop}.run();
}

}  // namespace naru::program
