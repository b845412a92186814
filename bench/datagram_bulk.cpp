// Datagrams to one peer, as fast as it goes: naru beside sendmmsg without UDP_SEGMENT. What counts is how
// many reach the peer, who receives with UDP_GRO, for the CPU time of the thread that sends.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <sys/socket.h>

#include <naru/naru.hpp>

#include "support/datagram_sink.hpp"
#include "support/datagrams.hpp"
#include "support/programs.hpp"

namespace naru::bench {
namespace {

constexpr std::size_t datagram_bytes = 1200;
constexpr std::uint64_t batch_datagrams = 256;
/// How far a sender may be ahead of the peer: what the peer's buffer holds.
constexpr std::uint64_t ahead_max = 4096;

struct bulk_options {
  unsigned rounds = 7;
  std::uint64_t datagrams = 200'000;
  int sender_cpu = 0;
  int receiver_cpu = 1;
};

std::chrono::nanoseconds cpu_time_of_this_thread() {
  timespec time = {};
  checked(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time), "clock_gettime");
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

/// Sends as many as are wanted, a batch at a time, never too far ahead of the peer; answers the CPU time for
/// each datagram, in nanoseconds.
double measure(const datagram_sink& peer, std::uint64_t wanted, const std::function<void()>& send_batch) {
  const std::uint64_t first = peer.received();
  const auto before = cpu_time_of_this_thread();
  for (std::uint64_t sent = 0; sent < wanted; sent += batch_datagrams) {
    while (sent > peer.received() - first + ahead_max) {
      std::this_thread::sleep_for(std::chrono::microseconds{100});
    }
    send_batch();
  }
  const auto used = cpu_time_of_this_thread() - before;
  const std::uint64_t received = peer.wait_for(first + wanted) - first;
  return static_cast<double>(used.count()) / static_cast<double>(received);
}

class bare_sender {
 public:
  explicit bare_sender(std::uint16_t port) : socket_{connect_datagrams_to_loopback(port)} {
    part_ = {.iov_base = datagram_.data(), .iov_len = datagram_.size()};
    for (mmsghdr& each : headers_) {
      each.msg_hdr.msg_iov = &part_;
      each.msg_hdr.msg_iovlen = 1;
    }
  }

  void send_batch() {
    for (std::size_t sent = 0; sent < headers_.size();) {
      sent += static_cast<std::size_t>(checked(
          ::sendmmsg(socket_.get(), &headers_[sent], static_cast<unsigned>(headers_.size() - sent), 0),
          "sendmmsg"));
    }
  }

 private:
  descriptor socket_;
  std::array<std::byte, datagram_bytes> datagram_ = {};
  iovec part_ = {};
  std::array<mmsghdr, batch_datagrams> headers_ = {};
};

/// A connected UDP connection, whose network this thread turns.
class naru_sender {
 public:
  explicit naru_sender(std::uint16_t port) : net_{{.workers = 0}} {
    net_.start().value();
    connection_ =
        net_.connect(udp, endpoint::loopback_ipv4(port), {}, {.connection = {.udp = {.idle_timeout = {}}}})
            .value();
    net_.poll().value();
  }

  void send_batch() {
    connection_.lock()
        ->post([this](connection& self) {
          for (std::uint64_t i = 0; i < batch_datagrams; ++i) self.send(datagram_).value();
        })
        .value();
    net_.poll().value();
  }

 private:
  network net_;
  std::weak_ptr<connection> connection_;
  std::array<std::byte, datagram_bytes> datagram_ = {};
};

void run_bulk(const bulk_options& options) {
  pin_this_thread(options.sender_cpu);
  datagram_sink peer{options.receiver_cpu};
  bare_sender bare{peer.port()};
  naru_sender naru{peer.port()};
  std::printf("[");
  for (unsigned round = 0; round < options.rounds; ++round) {
    const double bare_ns = measure(peer, options.datagrams, [&] { bare.send_batch(); });
    const double naru_ns = measure(peer, options.datagrams, [&] { naru.send_batch(); });
    std::printf(R"(%s{"bare_ns": %.1f, "naru_ns": %.1f})", round == 0 ? "" : ", ", bare_ns, naru_ns);
  }
  std::printf("]\n");
}

}  // namespace
}  // namespace naru::bench

int main(int argc, char** argv) {
  naru::bench::bulk_options options;
  return naru::bench::run_program(
      argc, argv, "Sends datagrams to one peer and prints the sender's CPU time for each as JSON",
      [&](CLI::App& arguments) {
        arguments.add_option("--rounds", options.rounds)->capture_default_str();
        arguments.add_option("--datagrams", options.datagrams, "of each side in a round")
            ->capture_default_str();
        arguments.add_option("--sender-cpu", options.sender_cpu)->capture_default_str();
        arguments.add_option("--receiver-cpu", options.receiver_cpu)->capture_default_str();
      },
      [&] { naru::bench::run_bulk(options); });
}
