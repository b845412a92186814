// The load for every server here: N connections, each with D messages of B bytes under way, a new one for
// each that came back. It checks every byte and reports the CPU time that the server used meanwhile.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include <CLI/CLI.hpp>
#include <sys/epoll.h>

#include "support/descriptor.hpp"
#include "support/frame_stream.hpp"
#include "support/poller.hpp"
#include "support/programs.hpp"
#include "support/server_usage.hpp"
#include "support/sockets.hpp"
#include "support/steady.hpp"

namespace naru::bench {
namespace {

struct load_options {
  std::uint16_t port = 0;
  std::uint32_t connections = 100;
  std::uint64_t depth = 1;
  std::size_t message_bytes = 64;
  std::uint64_t lock_step_messages = 0;
  pid_t server = 0;
};

/// When a run ends: no message is begun after either.
struct limit {
  std::uint64_t messages = std::numeric_limits<std::uint64_t>::max();
  steady::time_point end = steady::time_point::max();
};

class load {
 public:
  explicit load(const load_options& options) : depth_{options.depth}, stream_{options.message_bytes} {
    if (depth_ * stream_.frame_bytes() > window_bytes_max) {
      throw std::runtime_error{"depth times size is above 16 KiB: a send buffer may not take it at once"};
    }
    for (std::uint32_t i = 0; i < options.connections; ++i) {
      peers_.push_back({.socket = connect_to_loopback(options.port)});
      poller_.watch(peers_.back().socket.get(), i);
    }
  }

  /// Begins `depth` messages on every connection, a new one for each that comes back until the limit, and
  /// returns when the last has come back: then the server sleeps. Returns how many it were.
  std::uint64_t run(const limit& until) {
    started_ = 0;
    finished_ = 0;
    for (const peer& to : peers_) begin(to, depth_, until);
    while (finished_ < started_) {
      const auto events = poller_.wait(silence_max);
      if (events.empty()) throw std::runtime_error{"the server has not answered for 20 s"};
      const bool over = steady::now() >= until.end;
      for (const epoll_event& event : events) {
        peer& from = peers_[event.data.u32];
        const std::uint64_t whole = stream_.receive(from.socket.get(), from.partial_bytes);
        finished_ += whole;
        if (!over) begin(from, whole, until);
      }
    }
    return finished_;
  }

 private:
  struct peer {
    descriptor socket;
    /// Bytes received of the frame that is not whole yet.
    std::size_t partial_bytes = 0;
  };

  static constexpr std::size_t window_bytes_max = std::size_t{16} << 10;
  static constexpr std::chrono::seconds silence_max{20};

  void begin(const peer& to, std::uint64_t wanted, const limit& until) {
    const std::uint64_t count = std::min(wanted, until.messages - started_);
    if (count == 0) return;
    stream_.send(to.socket.get(), count);
    started_ += count;
  }

  std::uint64_t depth_;
  frame_stream stream_;
  poller poller_;
  std::vector<peer> peers_;
  std::uint64_t started_ = 0;
  std::uint64_t finished_ = 0;
};

/// A fixed count in lock step: every connection's messages are sent, and all come back before the next are,
/// so that the server finds the same work at each wake-up, however slow it is.
std::uint64_t run_lock_step(load& all, const load_options& options) {
  const std::uint64_t step = options.connections * options.depth;
  std::uint64_t messages = 0;
  while (messages < options.lock_step_messages) messages += all.run({.messages = step});
  return messages;
}

void run_load(const load_options& options) {
  raise_descriptor_limit();
  const server_usage usage{options.server};
  load all{options};
  if (options.lock_step_messages > 0) {
    usage.report([&] { return run_lock_step(all, options); });
    return;
  }
  usage.report_each([&](steady::time_point end) { return all.run({.end = end}); });
}

}  // namespace
}  // namespace naru::bench

int main(int argc, char** argv) {
  naru::bench::load_options options;
  return naru::bench::run_program(
      argc, argv, "Loads an echo server on 127.0.0.1 and prints lines of JSON",
      [&](CLI::App& arguments) {
        arguments.add_option("--port", options.port)->required();
        arguments.add_option("--connections", options.connections)->capture_default_str();
        arguments.add_option("--depth", options.depth, "messages under way on each connection")
            ->capture_default_str();
        arguments.add_option("--size", options.message_bytes, "bytes of a message")->capture_default_str();
        arguments.add_option(
            "--lock-step", options.lock_step_messages,
            "this many messages, all connections in step; otherwise the standard input says for "
            "how many seconds to load, as often as it likes");
        arguments.add_option("--server", options.server, "process to read the CPU time and memory of");
      },
      [&] { naru::bench::run_load(options); });
}
