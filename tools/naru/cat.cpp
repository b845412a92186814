#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <stop_token>
#include <system_error>

#include <spdlog/fmt/fmt.h>

#include <naru/network.hpp>

#include "arguments.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "process.hpp"
#include "server.hpp"
#include "typed_input.hpp"

namespace naru::program {

namespace {

using clock = std::chrono::steady_clock;

struct cat_options {
  remote_address remote = {};
  framing frames = framing::length_prefix();  // stays that with UDP: a datagram is a message as it is
  std::size_t max_message_bytes = connection_options{}.max_message_bytes;
  unsigned wait_ms = 1000;
};

std::size_t largest_message(const cat_options& options) {
  return options.remote.over == udp ? std::min(options.max_message_bytes, datagram_bytes_most)
                                    : options.max_message_bytes;
}

connect_options connect_options_for(const cat_options& options) {
  auto limits = connection_options_for(options.frames, options.max_message_bytes);
  limits.udp.idle_timeout = {};  // whoever types may take his time
  return {.connection = std::move(limits)};
}

/// One connection between the standard input and output. The network has no threads here: this one turns it,
/// so that handlers, printing and the decision to close need no locks.
class conversation {
 public:
  conversation(const cat_options& options, console& speaker)
      : options_{options},
        speaker_{speaker},
        connected_{options.remote.over == udp},  // there is nothing to wait for
        net_{{.workers = 0, .log = speaker.log_hook()}} {}

  int run(const std::stop_token& stop);

 private:
  [[nodiscard]] result<std::weak_ptr<connection>> connect();
  void print(bytes_view message);
  void tell(std::error_code error);
  void close_when_quiet(connection& peer);
  [[nodiscard]] std::chrono::milliseconds longest_wait() const;
  [[nodiscard]] int end(close_reason why);

  const cat_options options_;
  console& speaker_;
  std::optional<close_reason> ended_;
  bool connected_;
  bool input_ended_ = false;
  bool output_failed_ = false;
  bool datagram_failed_ = false;
  std::optional<clock::time_point> quiet_since_;  // set when there is nothing left to be sent
  network net_;
};

int conversation::run(const std::stop_token& stop) {
  if (const auto started = net_.start(); !started) {
    speaker_.complain(started.error().message());
    return status_failed;
  }
  const auto begun = connect();
  if (!begun) {
    speaker_.complain(fmt::format("{}: {}", options_.remote.at, begun.error().message()));
    return status_failed;
  }
  const auto close = [weak = *begun] {
    if (const auto peer = weak.lock()) peer->close();
  };
  const std::stop_callback close_on_stop{stop, close};
  typed_input input{*begun, options_.frames.type(), largest_message(options_),
                    [this] { input_ended_ = true; }, speaker_};
  while (!ended_) {
    net_.poll(longest_wait());
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) output_failed_ = true;
    if (output_failed_) close();
    input.look_for_room();
    if (const auto peer = begun->lock()) close_when_quiet(*peer);
  }
  const auto status = end(*ended_);
  return input.has_failed() || datagram_failed_ ? status_failed : status;
}

result<std::weak_ptr<connection>> conversation::connect() {
  handlers own{
      .on_connected = [this](connection&) { connected_ = true; },
      .on_received = [this](connection&, bytes_view message) { print(message); },
      .on_error = [this](connection&, std::error_code error) { tell(error); },
      .on_closed = [this](connection&, close_reason why) { ended_ = why; },
  };
  return net_.connect(options_.remote.over, options_.remote.at, std::move(own),
                      connect_options_for(options_));
}

void conversation::print(bytes_view message) {
  if (quiet_since_) quiet_since_ = clock::now();
  std::fwrite(message.data(), 1, message.size(), stdout);
  if (options_.frames.type() != framing::kind::raw) std::fputc('\n', stdout);
}

// The next datagram may arrive: somebody may listen there by then.
void conversation::tell(std::error_code error) {
  datagram_failed_ = true;
  speaker_.complain(error == std::errc::connection_refused
                        ? fmt::format("{}: nobody listens there", options_.remote.at)
                        : fmt::format("{}: {}", options_.remote.at, error.message()));
}

// The end of the input does not end the answers to it, and a connection that is closed delivers nothing more:
// so it is closed when no answer has come for a while.
void conversation::close_when_quiet(connection& peer) {
  if (!input_ended_ || !connected_ || peer.backlog_bytes() > 0) return;
  if (!quiet_since_) quiet_since_ = clock::now();
  if (clock::now() - *quiet_since_ >= std::chrono::milliseconds{options_.wait_ms}) peer.close();
}

std::chrono::milliseconds conversation::longest_wait() const {
  constexpr std::chrono::milliseconds until_something_happens = std::chrono::hours{1};
  if (!quiet_since_) return until_something_happens;
  const auto left = *quiet_since_ + std::chrono::milliseconds{options_.wait_ms} - clock::now();
  // Past the time it was closed, and what is awaited is the end.
  return left.count() > 0 ? std::chrono::ceil<std::chrono::milliseconds>(left) : until_something_happens;
}

int conversation::end(close_reason why) {
  if (output_failed_) {
    speaker_.complain("the standard output could not be written");
    return status_failed;
  }
  if ((why == close_cause::local || why == close_cause::peer) && !why.error) return status_good;
  const auto detail = why.error ? fmt::format(": {}", why.error.message()) : std::string{};
  speaker_.complain(fmt::format("{}: {}{}", options_.remote.at, to_string(why.cause), detail));
  return status_failed;
}

int cat(const cat_options& options) {
  check_remote_address(options.remote);
  console speaker{"naru cat"};
  const std::stop_source stop;
  const termination_watch watch{stop};
  return conversation{options, speaker}.run(stop.get_token());
}

}  // namespace

void add_cat_command(CLI::App& program, command& chosen) {
  auto& app =
      *program.add_subcommand("cat", "Sends typed lines as messages, and prints those that come as lines");
  const auto options = std::make_shared<cat_options>();
  add_remote_options(app, options->remote);
  add_framing_option(app, options->frames)->excludes("--udp");
  add_max_message_option(app, options->max_message_bytes);
  add_number_option(app, "--wait-ms", options->wait_ms, 0, 86'400'000, "MS",
                    "At the end of the input, close when nothing has come for so long (default: 1000)");
  app.callback([options, &chosen] { chosen = [options] { return cat(*options); }; });
}

}  // namespace naru::program
