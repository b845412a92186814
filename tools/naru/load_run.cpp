#include "load_run.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "datagram_flow.hpp"
#include "loss_watch.hpp"
#include "pacer.hpp"
#include "server.hpp"
#include "stream_flow.hpp"
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
  limits.udp.idle_timeout = {};  // the load itself knows how long to wait
  // What is lost here is lost like what is lost on the way, and stops nothing.
  limits.when_backlog_full = backlog_policy::drop_oldest;
  return {.connection = std::move(limits)};
}

std::unique_ptr<load_flow> make_flow(transport over, load_plan& plan, std::uint32_t number) {
  if (over == udp) return std::make_unique<datagram_flow>(plan, number);
  return std::make_unique<stream_flow>(plan, number);
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
            .duration = options.duration,
            .loss_timeout = options.loss_timeout},
      tallies_{make_tallies(workers_for(options))},
      connector_{options.connections, [this](std::size_t number) { return connect(number); }},
      net_{{.workers = workers_for(options),
            .on_worker_start = [this](unsigned worker) { own_tally = tallies_[worker].get(); },
            .log = speaker.log_hook()}} {
  plan_.unfinished.set(options.connections);
  flows_.reserve(options.connections);
  for (std::uint32_t i = 0; i < options.connections; ++i)
    flows_.push_back(make_flow(options.remote.over, plan_, i));
}

std::expected<std::unique_ptr<load_result>, std::string> load_run::run() {
  if (const auto started = net_.start(); !started) return std::unexpected{started.error().message()};
  auto outcome = std::make_unique<load_result>();
  speaker_.status(fmt::format("  connecting to {} ...", options_.remote.at));
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
      .on_connected = [this, &flow](connection& peer) { joined(flow, peer); },
      .on_received = [&flow](connection& peer, bytes_view message) { flow.on_received(peer, message); },
      .on_error =
          [&flow](connection&, std::error_code error) {
            if (error == std::errc::connection_refused) flow.on_unheard();
          },
      .on_closed =
          [this, &flow](connection&, close_reason why) {
            if (why == close_cause::connect_failed) return connector_.answered(why.error);
            flow.on_closed(why == close_cause::local || why == close_cause::network_stopped);
          },
  };
  const auto options = connect_options_for(options_);
  // The first connection finds the way, by name perhaps; the others take the same one.
  const auto over = options_.remote.over;
  const auto begun = number == 0 ? net_.connect(over, options_.remote.at, std::move(own), options)
                                 : net_.connect(over, remote_, std::move(own), options);
  if (!begun) return begun.error();
  return over == udp ? join(flow, *begun, number) : std::error_code{};
}

void load_run::joined(load_flow& flow, connection& peer) {
  flow.on_connected(peer, *own_tally);
  if (remote_.family() == address_family::none) remote_ = peer.remote_endpoint();
  connector_.answered({});
}

std::error_code load_run::join(load_flow& flow, const std::weak_ptr<connection>& weak, std::size_t number) {
  // A connection that has ended, or whose end comes before the task, answers by its on_closed.
  if (number == 0 && !wait_for_name(weak)) return {};
  const auto peer = weak.lock();
  if (!peer) return {};
  const auto posted = peer->post([this, &flow](connection& own) { joined(flow, own); });
  return posted || posted.error() == errc::closed ? std::error_code{} : posted.error();
}

// There is no event for it: a UDP connection can be used at once, and what is sent waits for the name. Here
// that would count as latency.
bool load_run::wait_for_name(const std::weak_ptr<connection>& weak) const {
  constexpr std::chrono::milliseconds step{1};
  while (true) {
    const auto peer = weak.lock();
    if (!peer || peer->is_closed()) return false;
    if (peer->remote_endpoint().family() != address_family::none) return true;
    if (wait_for_stop_until(stop_, clock::now() + step)) return false;
  }
}

void load_run::measure(load_result& outcome) {
  plan_.start = clock::now();
  const auto end = plan_.start + plan_.duration;
  for (const auto& flow : flows_) flow->poke();
  std::optional<loss_watch> losses;
  if (options_.remote.over == udp) losses.emplace(plan_, flows_);
  {
    std::optional<pacer> pace;
    if (plan_.rate) pace.emplace(plan_, flows_);
    const bool all_ended = show_progress_until(end);
    if (pace && !all_ended && !stop_.stop_requested()) pace->finish();
  }
  outcome.measured = clock::now() - plan_.start;
  outcome.messages = right_so_far();
  settle();
  if (options_.remote.over == udp) hear_stragglers();
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
  const auto patience = std::max<std::chrono::nanoseconds>(std::chrono::seconds{5}, 2 * plan_.loss_timeout);
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

void load_run::hear_stragglers() {
  wait_for_stop_until(stop_, clock::now() + plan_.loss_timeout / 10);
}

void load_run::collect(load_result& outcome) const {
  outcome.sent = sum(&load_tally::sent);
  if (plan_.rate) {
    const auto due = plan_.due_within(std::min(outcome.measured, plan_.duration));
    outcome.late = due - std::min(due, outcome.sent);
  }
  outcome.answered = right_so_far();
  outcome.lost = sum(&load_tally::lost);
  outcome.wrong = sum(&load_tally::wrong);
  outcome.refused = sum(&load_tally::refused);
  outcome.closed_early = sum(&load_tally::closed_early);
  outcome.late_answers = sum(&load_tally::late_answers);
  outcome.reordered = sum(&load_tally::reordered);
  outcome.duplicates = sum(&load_tally::duplicates);
  outcome.unheard = sum(&load_tally::unheard);
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
