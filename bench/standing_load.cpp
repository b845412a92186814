// Very many connections that stand still: idle, half-closed, or stopped inside a header or a message. What
// they take of the server's memory and time; of the last ones, also when the server ends them.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "support/descriptor.hpp"
#include "support/frames.hpp"
#include "support/poller.hpp"
#include "support/programs.hpp"
#include "support/server_usage.hpp"
#include "support/sockets.hpp"
#include "support/steady.hpp"

namespace naru::bench {
namespace {

enum class stance : std::uint8_t { idle, half_closed, stopped };

struct load_options {
  std::uint16_t port = 0;
  std::uint32_t connections = 10'000;
  stance how = stance::idle;
  unsigned timeout_ms = 0;
  pid_t server = 0;
};

class load {
 public:
  explicit load(const load_options& options) : timeout_{options.timeout_ms} {
    for (std::uint32_t i = 0; i < options.connections; ++i) {
      peers_.push_back({.socket = connect_to_loopback(options.port)});
      if (options.how == stance::stopped) poller_.watch(peers_.back().socket.get(), i, EPOLLIN | EPOLLRDHUP);
    }
    if (options.how == stance::idle) return;
    std::this_thread::sleep_for(settle_time);
    for (std::size_t i = 0; i < peers_.size(); ++i) {
      if (options.how == stance::half_closed) {
        checked(::shutdown(peers_[i].socket.get(), SHUT_WR), "shutdown");
      } else {
        begin_message(peers_[i], i % 2 == 0);
      }
    }
  }

  /// Waits until the server has ended all; prints when the first and the last one did, counted from when it
  /// had to.
  void await_ends() {
    auto first = steady::duration::max();
    auto last = steady::duration::min();
    for (std::size_t left = peers_.size(); left > 0;) {
      const auto events = poller_.wait(timeout_ + silence_max);
      if (events.empty()) throw std::runtime_error{"the server keeps " + std::to_string(left)};
      const auto now = steady::now();
      for (const epoll_event& event : events) {
        peer& ended = peers_[event.data.u32];
        if (ended.socket.get() < 0) continue;
        first = std::min(first, now - ended.begun - timeout_);
        last = std::max(last, now - ended.begun - timeout_);
        ended.socket = descriptor{};
        --left;
      }
    }
    using milliseconds = std::chrono::duration<double, std::milli>;
    std::printf(R"({"first_end_ms": %.3f, "last_end_ms": %.3f})"
                "\n",
                milliseconds{first}.count(), milliseconds{last}.count());
  }

  /// Until the server has seen what there is to be seen.
  static constexpr std::chrono::milliseconds settle_time{500};

 private:
  struct peer {
    descriptor socket;
    steady::time_point begun = {};
  };

  static constexpr std::chrono::seconds silence_max{5};

  /// Two bytes of a header; or one of a message of 1 MiB, and 16 bytes of that.
  static void begin_message(peer& from, bool inside_header) {
    std::array<std::byte, prefix_bytes + 16> begin = {};
    const auto prefix = make_prefix(std::size_t{1} << 20);
    std::ranges::copy(prefix, begin.begin());
    const auto part = inside_header ? std::span{begin}.first(2) : std::span{begin};
    from.begun = steady::now();
    const ssize_t sent = ::send(from.socket.get(), part.data(), part.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(part.size())) throw std::runtime_error{"a send was not taken whole"};
  }

  std::chrono::milliseconds timeout_;
  poller poller_;
  std::vector<peer> peers_;
};

void run_load(const load_options& options) {
  raise_descriptor_limit();
  const server_usage usage{options.server};
  load all{options};
  std::this_thread::sleep_for(load::settle_time);
  usage.report([&] { return options.connections; });
  if (options.how == stance::stopped) {
    all.await_ends();
    return;
  }
  usage.report_each([&](steady::time_point end) {
    std::this_thread::sleep_until(end);
    return options.connections;
  });
}

}  // namespace
}  // namespace naru::bench

int main(int argc, char** argv) {
  using naru::bench::stance;
  naru::bench::load_options options;
  const std::map<std::string, stance> stances = {
      {"idle", stance::idle}, {"half-closed", stance::half_closed}, {"stopped", stance::stopped}};
  return naru::bench::run_program(
      argc, argv, "Keeps connections to an echo server on 127.0.0.1 and prints lines of JSON",
      [&](CLI::App& arguments) {
        arguments.add_option("--port", options.port)->required();
        arguments.add_option("--connections", options.connections)->capture_default_str();
        arguments.add_option("--state", options.how, "of all connections")
            ->transform(CLI::CheckedTransformer{stances})
            ->required();
        arguments.add_option("--timeout-ms", options.timeout_ms,
                             "of the server, for those that are stopped inside a message");
        arguments.add_option("--server", options.server, "process to read the CPU time and memory of");
      },
      [&] { naru::bench::run_load(options); });
}
