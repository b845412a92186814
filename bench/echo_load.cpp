// The load for every server here: N connections, each with D messages of B bytes under way, a new one for
// each that came back. It checks every byte and reports the CPU time that the server used meanwhile.

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <limits>
#include <span>
#include <stdexcept>
#include <vector>

#include <CLI/CLI.hpp>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "support/descriptor.hpp"
#include "support/frames.hpp"
#include "support/programs.hpp"
#include "support/server_usage.hpp"
#include "support/sockets.hpp"

namespace naru::bench {
namespace {

using steady = std::chrono::steady_clock;

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
  explicit load(const load_options& options)
      : depth_{options.depth}, frame_bytes_{prefix_bytes + options.message_bytes} {
    if (depth_ * frame_bytes_ > window_bytes_max) {
      throw std::runtime_error{"depth times size is above 16 KiB: a send buffer may not take it at once"};
    }
    fill_stream(options.message_bytes);
    for (std::uint32_t i = 0; i < options.connections; ++i) {
      peers_.push_back({.socket = connect_to_loopback(options.port)});
      epoll_event event{};
      event.events = EPOLLIN | EPOLLET;
      event.data.u32 = i;
      checked(::epoll_ctl(poller_.get(), EPOLL_CTL_ADD, peers_.back().socket.get(), &event), "epoll_ctl");
    }
  }

  /// Begins `depth` messages on every connection, a new one for each that comes back until the limit, and
  /// returns when the last has come back: then the server sleeps. Returns how many it were.
  std::uint64_t run(const limit& until) {
    started_ = 0;
    finished_ = 0;
    for (peer& to : peers_) begin(to, depth_, until);
    while (finished_ < started_) {
      const int count = checked(
          ::epoll_wait(poller_.get(), events_.data(), static_cast<int>(events_.size()), silence_ms_max),
          "epoll_wait");
      if (count == 0) throw std::runtime_error{"the server has not answered for 20 s"};
      const bool over = steady::now() >= until.end;
      for (const epoll_event& event : std::span{events_}.first(static_cast<std::size_t>(count))) {
        peer& from = peers_[event.data.u32];
        const std::uint64_t whole = receive(from);
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

  static constexpr std::size_t buffer_bytes = std::size_t{64} << 10;
  static constexpr std::size_t window_bytes_max = std::size_t{16} << 10;
  static constexpr int silence_ms_max = 20'000;

  /// One frame over and over, long enough to compare a full buffer with, from any place within a frame on.
  void fill_stream(std::size_t message_bytes) {
    const auto prefix = make_prefix(message_bytes);
    while (stream_.size() < buffer_bytes + frame_bytes_) {
      stream_.insert(stream_.end(), prefix.begin(), prefix.end());
      for (std::size_t i = 0; i < message_bytes; ++i) stream_.push_back(static_cast<std::byte>(i % 251));
    }
  }

  void begin(peer& to, std::uint64_t wanted, const limit& until) {
    const std::uint64_t count = std::min(wanted, until.messages - started_);
    if (count == 0) return;
    const std::size_t bytes = count * frame_bytes_;
    const ssize_t sent = ::send(to.socket.get(), stream_.data(), bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 || static_cast<std::size_t>(sent) != bytes) {
      throw std::runtime_error{"a send was not taken whole"};
    }
    started_ += count;
  }

  /// How many messages became whole.
  std::uint64_t receive(peer& from) {
    const ssize_t count = ::recv(from.socket.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return 0;
    if (checked(static_cast<int>(count), "recv") == 0) {
      throw std::runtime_error{"the server ended a connection"};
    }
    const auto bytes = static_cast<std::size_t>(count);
    if (std::memcmp(buffer_.data(), stream_.data() + from.partial_bytes, bytes) != 0) {
      throw std::runtime_error{"an echo differs from what was sent"};
    }
    from.partial_bytes += bytes;
    const std::uint64_t whole = from.partial_bytes / frame_bytes_;
    from.partial_bytes %= frame_bytes_;
    return whole;
  }

  std::uint64_t depth_;
  std::size_t frame_bytes_;
  descriptor poller_{checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")};
  std::vector<peer> peers_;
  std::vector<std::byte> stream_;
  std::array<std::byte, buffer_bytes> buffer_ = {};
  std::array<epoll_event, 256> events_ = {};
  std::uint64_t started_ = 0;
  std::uint64_t finished_ = 0;
};

steady::time_point after(double seconds) {
  return steady::now() + std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>{seconds});
}

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
  for (double seconds = 0; std::cin >> seconds;) {
    usage.report([&] { return all.run({.end = after(seconds)}); });
  }
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
