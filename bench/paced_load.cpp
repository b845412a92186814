// The load that tells how long an echo server keeps its peers waiting: N peers, each with M messages a second
// at even distances; if wanted, one more peer at full speed beside them, whose messages are not counted. What
// is measured runs under SCHED_FIFO where that is permitted: it would measure its own scheduling otherwise.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <sched.h>
#include <sys/epoll.h>

#include "support/descriptor.hpp"
#include "support/flooder.hpp"
#include "support/frame_stream.hpp"
#include "support/poller.hpp"
#include "support/programs.hpp"
#include "support/server_usage.hpp"
#include "support/sockets.hpp"
#include "support/steady.hpp"
#include "support/timetable.hpp"

namespace naru::bench {
namespace {

struct load_options {
  std::uint16_t port = 0;
  std::uint32_t peers = 100;
  double per_second_each = 100;
  std::size_t message_bytes = 64;
  bool flood = false;
  pid_t server = 0;
};

class load {
 public:
  explicit load(const load_options& options)
      : per_second_{options.per_second_each * options.peers}, stream_{options.message_bytes} {
    for (std::uint32_t i = 0; i < options.peers; ++i) {
      peers_.push_back({.socket = connect_to_loopback(options.port)});
      poller_.watch(peers_.back().socket.get(), i);
    }
    if (options.flood) flooder_.emplace(options.port, options.message_bytes);
  }

  /// A message takes from when it was due until it is back.
  load_done run(steady::time_point end) {
    latencies_.clear();
    if (flooder_) flooder_->begin();
    timetable times{per_second_, end};
    for (std::size_t next = 0; !times.is_over() || under_way_ > 0;) {
      const auto now = steady::now();
      if (times.is_due(now)) {
        peer& to = peers_[next++ % peers_.size()];
        to.due.push_back(times.take());
        stream_.send(to.socket.get(), 1);
        ++under_way_;
      } else {
        receive(times.wait(now, silence_max));
      }
    }
    if (flooder_ && flooder_->end() == 0) throw std::runtime_error{"the flood got nothing through"};
    return {latencies_.size(), std::move(latencies_)};
  }

 private:
  struct peer {
    descriptor socket;
    std::size_t partial_bytes = 0;
    std::deque<steady::time_point> due = {};
  };

  static constexpr std::chrono::seconds silence_max{20};

  void receive(std::chrono::nanoseconds longest) {
    const auto events = poller_.wait(longest);
    if (events.empty() && longest == silence_max) throw std::runtime_error{"nothing has come for 20 s"};
    for (const epoll_event& event : events) {
      peer& from = peers_[event.data.u32];
      std::uint64_t whole = stream_.receive(from.socket.get(), from.partial_bytes);
      under_way_ -= whole;
      for (const auto now = steady::now(); whole > 0; --whole) {
        latencies_.push_back(now - from.due.front());
        from.due.pop_front();
      }
    }
  }

  double per_second_;
  frame_stream stream_;
  poller poller_;
  std::vector<peer> peers_;
  std::optional<flooder> flooder_;
  std::uint64_t under_way_ = 0;
  std::vector<std::chrono::nanoseconds> latencies_;
};

/// This thread, and not those it makes.
void run_before_others() {
  const sched_param first = {.sched_priority = 1};
  if (::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first) != 0) {
    std::fprintf(stderr, "no SCHED_FIFO here: the times hold the scheduling of the load itself\n");
  }
}

void run_load(const load_options& options) {
  raise_descriptor_limit();
  const server_usage usage{options.server};
  load all{options};
  run_before_others();
  usage.report_each([&](steady::time_point end) { return all.run(end); });
}

}  // namespace
}  // namespace naru::bench

int main(int argc, char** argv) {
  naru::bench::load_options options;
  return naru::bench::run_program(
      argc, argv, "Times the messages of an echo server on 127.0.0.1 and prints lines of JSON",
      [&](CLI::App& arguments) {
        arguments.add_option("--port", options.port)->required();
        arguments.add_option("--peers", options.peers)->capture_default_str();
        arguments.add_option("--rate", options.per_second_each, "messages of each peer in a second")
            ->capture_default_str();
        arguments.add_option("--size", options.message_bytes, "bytes of a message")->capture_default_str();
        arguments.add_flag("--flood", options.flood, "one more peer, as fast as it can");
        arguments.add_option("--server", options.server, "process to read the CPU time and memory of");
      },
      [&] { naru::bench::run_load(options); });
}
