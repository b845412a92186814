// The load for every UDP echo server here: N peers, each with D datagrams of B bytes under way, a new one for
// each that came back. A datagram may be lost: when nothing comes for a while, those under way are counted as
// that and begun anew. It reports the CPU time that the server used meanwhile.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "support/crowd.hpp"
#include "support/datagrams.hpp"
#include "support/descriptor.hpp"
#include "support/poller.hpp"
#include "support/programs.hpp"
#include "support/server_usage.hpp"
#include "support/steady.hpp"

namespace naru::bench {
namespace {

struct load_options {
  std::uint16_t port = 0;
  std::uint32_t peers = 64;
  std::uint32_t depth = 4;
  std::size_t datagram_bytes = 64;
  std::uint32_t crowd = 0;
  pid_t server = 0;
};

class load {
 public:
  explicit load(const load_options& options) : depth_{options.depth}, datagram_(options.datagram_bytes) {
    if (depth_ > batch_max || datagram_.size() > bytes_max) {
      throw std::runtime_error{"the depth is at most 64, the size at most 2048"};
    }
    for (std::size_t i = 0; i < datagram_.size(); ++i) datagram_[i] = static_cast<std::byte>(i % 251);
    part_ = {.iov_base = datagram_.data(), .iov_len = datagram_.size()};
    for (mmsghdr& each : to_send_) {
      each.msg_hdr.msg_iov = &part_;
      each.msg_hdr.msg_iovlen = 1;
    }
    for (std::uint32_t i = 0; i < options.peers; ++i) {
      sockets_.push_back(connect_datagrams_to_loopback(options.port));
      poller_.watch(sockets_.back().get(), i);
    }
    under_way_.resize(sockets_.size());
  }

  /// Returns how many came back.
  std::uint64_t run(steady::time_point end) {
    std::uint64_t finished = 0;
    for (std::size_t i = 0; i < sockets_.size(); ++i) begin(i, depth_ - under_way_[i]);
    for (bool over = false;
         !over || std::ranges::any_of(under_way_, [](auto count) { return count != 0; });) {
      const auto events = poller_.wait(silence_max);
      over = steady::now() >= end;
      if (events.empty()) begin_lost(over);
      for (const epoll_event& event : events) {
        const std::size_t came = receive(event.data.u32);
        finished += came;
        if (!over) begin(event.data.u32, came);
      }
    }
    return finished;
  }

 private:
  static constexpr std::size_t batch_max = 64;
  static constexpr std::size_t bytes_max = 2048;
  static constexpr std::chrono::milliseconds silence_max{200};

  void begin(std::size_t index, std::size_t count) {
    if (count == 0) return;
    const int sent =
        ::sendmmsg(sockets_[index].get(), to_send_.data(), static_cast<unsigned>(count), MSG_NOSIGNAL);
    under_way_[index] += static_cast<std::uint32_t>(checked(sent, "sendmmsg"));
  }

  void begin_lost(bool over) {
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
      const std::uint32_t lost = std::exchange(under_way_[i], 0);
      if (!over) begin(i, lost);
    }
  }

  std::size_t receive(std::size_t index) {
    const std::size_t came = received_->receive(sockets_[index].get());
    for (std::size_t i = 0; i < came; ++i) {
      if (received_->bytes_of(i) != datagram_.size() ||
          std::memcmp(received_->data_of(i), datagram_.data(), datagram_.size()) != 0) {
        throw std::runtime_error{"an echo differs from what was sent"};
      }
    }
    under_way_[index] -= static_cast<std::uint32_t>(std::min<std::size_t>(came, under_way_[index]));
    return came;
  }

  std::uint32_t depth_;
  std::vector<std::byte> datagram_;
  iovec part_ = {};
  std::array<mmsghdr, batch_max> to_send_ = {};
  poller poller_;
  std::vector<descriptor> sockets_;
  std::vector<std::uint32_t> under_way_;
  std::unique_ptr<datagram_array<batch_max, bytes_max>> received_ =
      std::make_unique<datagram_array<batch_max, bytes_max>>();
};

void run_load(const load_options& options) {
  raise_descriptor_limit();
  const server_usage usage{options.server};
  if (options.crowd != 0) {
    usage.report([&] { return greet_from_everywhere(options.port, options.crowd); });
    return;
  }
  load all{options};
  usage.report_each([&](steady::time_point end) { return all.run(end); });
}

}  // namespace
}  // namespace naru::bench

int main(int argc, char** argv) {
  naru::bench::load_options options;
  return naru::bench::run_program(
      argc, argv, "Loads a UDP echo server on 127.0.0.1 and prints lines of JSON",
      [&](CLI::App& arguments) {
        arguments.add_option("--port", options.port)->required();
        arguments.add_option("--peers", options.peers)->capture_default_str();
        arguments.add_option("--depth", options.depth, "datagrams under way for each peer")
            ->capture_default_str();
        arguments.add_option("--size", options.datagram_bytes, "bytes of a datagram")->capture_default_str();
        arguments.add_option("--crowd", options.crowd,
                             "two datagrams from each of so many addresses, and no more; otherwise the "
                             "standard input says for how many seconds to load, as often as it likes");
        arguments.add_option("--server", options.server, "process to read the CPU time and memory of");
      },
      [&] { naru::bench::run_load(options); });
}
