// The load for every chat server here: N receivers of which one talks, and all get what it says; beside them,
// if wanted, others that never read. It checks every byte, times every copy, and reports the CPU time that
// the server used meanwhile.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <utility>
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
#include "support/timetable.hpp"

namespace naru::bench {
namespace {

struct load_options {
  std::uint16_t port = 0;
  std::uint32_t receivers = 1'000;
  std::uint32_t stalled = 0;
  std::uint64_t fill = 0;
  double per_second = 0;
  std::size_t message_bytes = 100;
  pid_t server = 0;
};

class load {
 public:
  explicit load(const load_options& options)
      : per_second_{options.per_second}, stream_{options.message_bytes} {
    for (std::uint32_t i = 0; i < options.stalled; ++i) {
      stalled_.push_back(connect_to_loopback(options.port, stalled_buffer_bytes));
    }
    for (std::uint32_t i = 0; i < options.receivers; ++i) {
      receivers_.push_back({.socket = connect_to_loopback(options.port)});
      poller_.watch(receivers_.back().socket.get(), i);
    }
    if (options.fill > 0) say([&] { return said_.size() < options.fill; });
  }

  /// Says something again and again, and returns when everybody has the last of it. A copy takes from when it
  /// was to be said until it has come.
  load_done run(steady::time_point end) {
    latencies_.clear();
    if (per_second_ > 0) {
      say_by({per_second_, end});
    } else {
      say([end] { return steady::now() < end; });
    }
    return {latencies_.size(), std::move(latencies_)};
  }

 private:
  struct receiver {
    descriptor socket;
    std::size_t partial_bytes = 0;
    std::uint64_t received = 0;
  };

  static constexpr int stalled_buffer_bytes = 4096;
  static constexpr std::chrono::seconds silence_max{20};
  static constexpr std::chrono::microseconds look_interval{500};

  /// The next one when all have the last one. It looks now and then, and waits at no socket: who waits has to
  /// be woken, in the server's time, and a slow server would wake it for each copy, a fast one for many.
  template <typename GoesOn>
  void say(const GoesOn& goes_on) {
    for (forget(); goes_on();) {
      say_once(steady::now());
      for (const auto end = steady::now() + silence_max; missing_ > 0;) {
        std::this_thread::sleep_for(look_interval);
        while (receive(std::chrono::nanoseconds{0})) {
        }
        if (steady::now() > end) throw std::runtime_error{"not everything has come within 20 s"};
      }
    }
  }

  /// Each when it is due.
  void say_by(timetable times) {
    for (forget(); !times.is_over() || missing_ > 0;) {
      const auto now = steady::now();
      if (times.is_due(now)) {
        say_once(times.take());
      } else {
        receive(times.wait(now, silence_max));
      }
    }
  }

  void forget() {
    said_.clear();
    for (receiver& each : receivers_) each.received = 0;
  }

  /// The last to connect talks: who takes connections in their order has all of them then.
  void say_once(steady::time_point due) {
    said_.push_back(due);
    missing_ += receivers_.size();
    stream_.send(receivers_.back().socket.get(), 1);
  }

  /// Whether anything came.
  bool receive(std::chrono::nanoseconds longest) {
    const auto events = poller_.wait(longest);
    if (events.empty() && longest == silence_max) throw std::runtime_error{"nothing has come for 20 s"};
    for (const epoll_event& event : events) {
      receiver& to = receivers_[event.data.u32];
      std::uint64_t whole = stream_.receive(to.socket.get(), to.partial_bytes);
      missing_ -= whole;
      const auto now = steady::now();
      for (; whole > 0; --whole) latencies_.push_back(now - said_.at(to.received++));
    }
    return !events.empty();
  }

  double per_second_;
  frame_stream stream_;
  poller poller_;
  std::vector<descriptor> stalled_;
  std::vector<receiver> receivers_;
  /// When each message was to be said.
  std::vector<steady::time_point> said_;
  std::uint64_t missing_ = 0;
  std::vector<std::chrono::nanoseconds> latencies_;
};

void run_load(const load_options& options) {
  raise_descriptor_limit();
  const server_usage usage{options.server};
  load all{options};
  usage.report_each([&](steady::time_point end) { return all.run(end); });
}

}  // namespace
}  // namespace naru::bench

int main(int argc, char** argv) {
  naru::bench::load_options options;
  return naru::bench::run_program(
      argc, argv, "Loads a chat server on 127.0.0.1 and prints lines of JSON",
      [&](CLI::App& arguments) {
        arguments.add_option("--port", options.port)->required();
        arguments.add_option("--receivers", options.receivers)->capture_default_str();
        arguments.add_option("--stalled", options.stalled, "receivers more, that never read")
            ->capture_default_str();
        arguments
            .add_option("--fill", options.fill, "messages before the load, so that those have their fill")
            ->capture_default_str();
        arguments
            .add_option("--rate", options.per_second,
                        "messages a second; 0: the next when all have the last one")
            ->capture_default_str();
        arguments.add_option("--size", options.message_bytes, "bytes of a message")->capture_default_str();
        arguments.add_option("--server", options.server, "process to read the CPU time and memory of");
      },
      [&] { naru::bench::run_load(options); });
}
