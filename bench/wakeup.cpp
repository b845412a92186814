// How long a send from another thread to an idle connection takes to reach the peer: naru beside the least
// that can do it, a queue under a mutex, an eventfd and a write by the loop that it wakes.

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>

#include <naru/naru.hpp>

#include "support/bare_sender.hpp"
#include "support/frames.hpp"
#include "support/programs.hpp"
#include "support/quantile.hpp"
#include "support/receiver.hpp"
#include "support/sockets.hpp"

namespace naru::bench {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t message_bytes = 64;

struct wakeup_options {
  unsigned rounds = 7;
  unsigned samples = 2'000;
  int loop_cpu = 0;
  int user_cpu = 1;
};

/// A connection of naru's whose peer is a plain socket.
class naru_sender {
 public:
  explicit naru_sender(int cpu)
      : net_{{.workers = 1, .on_worker_start = [cpu](unsigned) { pin_this_thread(cpu); }}} {
    net_.start().value();
    const socket_id id = net_.bind(tcp, endpoint::loopback_ipv4(0)).value();
    std::promise<std::weak_ptr<connection>> accepted;
    auto arrival = accepted.get_future();
    net_.listen(id, {.on_connected = [shared = std::make_shared<decltype(accepted)>(std::move(accepted))](
                                         connection& peer) { shared->set_value(peer.weak_from_this()); }})
        .value();
    peer_ = connect_to_loopback(net_.local_endpoint(id).value().port());
    connection_ = arrival.get();
  }

  [[nodiscard]] descriptor take_peer() noexcept { return std::move(peer_); }

  void send(bytes_view message) { connection_.lock()->send(message).value(); }

 private:
  network net_;
  descriptor peer_;
  std::weak_ptr<connection> connection_;
};

/// From before the call until the peer has the whole message.
template <typename Sender>
nanoseconds sample(Sender& sender, receiver& peer, bytes_view message) {
  // Long enough for the loop to have gone to sleep again.
  std::this_thread::sleep_for(std::chrono::microseconds{100});
  const auto begin = std::chrono::steady_clock::now();
  sender.send(message);
  return peer.wait() - begin;
}

void run_wakeup(const wakeup_options& options) {
  pin_this_thread(options.user_cpu);
  bare_sender bare{options.loop_cpu};
  naru_sender naru{options.loop_cpu};
  receiver bare_peer{bare.take_peer(), prefix_bytes + message_bytes, options.user_cpu};
  receiver naru_peer{naru.take_peer(), prefix_bytes + message_bytes, options.user_cpu};
  const std::vector<std::byte> message(message_bytes);

  std::printf("[");
  for (unsigned round = 0; round < options.rounds; ++round) {
    std::vector<nanoseconds> by_bare;
    std::vector<nanoseconds> by_naru;
    for (unsigned i = 0; i < options.samples; ++i) {
      // Each goes first as often as the other.
      if (i % 2 == 0) by_bare.push_back(sample(bare, bare_peer, message));
      by_naru.push_back(sample(naru, naru_peer, message));
      if (i % 2 != 0) by_bare.push_back(sample(bare, bare_peer, message));
    }
    std::printf(R"(%s{"bare_ns": %lld, "naru_ns": %lld})", round == 0 ? "" : ", ",
                static_cast<long long>(quantile(by_bare, 0.5).count()),
                static_cast<long long>(quantile(by_naru, 0.5).count()));
  }
  std::printf("]\n");
}

}  // namespace
}  // namespace naru::bench

int main(int argc, char** argv) {
  naru::bench::wakeup_options options;
  return naru::bench::run_program(
      argc, argv, "Times sends from another thread and prints the median of each round as JSON",
      [&](CLI::App& arguments) {
        arguments.add_option("--rounds", options.rounds)->capture_default_str();
        arguments.add_option("--samples", options.samples, "of each side in a round")->capture_default_str();
        arguments.add_option("--loop-cpu", options.loop_cpu, "where the loops run")->capture_default_str();
        arguments.add_option("--user-cpu", options.user_cpu, "where sender and receiver run")
            ->capture_default_str();
      },
      [&] { naru::bench::run_wakeup(options); });
}
