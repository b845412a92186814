// What a message to very many costs the thread that sends it and is no worker: one group.send beside a send
// to each connection. Two workers, which do the rest.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <naru/naru.hpp>

#include "support/descriptor.hpp"
#include "support/frames.hpp"
#include "support/programs.hpp"
#include "support/quantile.hpp"
#include "support/sockets.hpp"
#include "support/steady.hpp"
#include "support/swallower.hpp"

namespace naru::bench {
namespace {

using std::chrono::nanoseconds;

struct send_options {
  unsigned rounds = 7;
  unsigned samples = 200;
  unsigned members = 1'000;
  unsigned workers = 2;
  std::size_t message_bytes = 100;
  int worker_cpu = 0;
  int user_cpu = 1;
};

/// All connections of a listener, in a group and one by one.
class audience {
 public:
  explicit audience(const send_options& options)
      : net_{{.workers = options.workers,
              .on_worker_start = [cpu = options.worker_cpu](unsigned) { pin_this_thread(cpu); }}} {
    net_.start().value();
    const socket_id id = net_.bind(tcp, endpoint::loopback_ipv4(0)).value();
    net_.listen(id, {.on_connected = [this](connection& peer) { enter(peer); }}).value();
    const std::uint16_t port = net_.local_endpoint(id).value().port();
    for (unsigned i = 0; i < options.members; ++i) peers_.push_back(connect_to_loopback(port));
    const auto longest = after(20);
    while (everybody_.size() < options.members) {
      if (steady::now() > longest) throw std::runtime_error{"not everybody is there within 20 s"};
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    for (const auto& one : one_by_one_) shells_.push_back(one.lock());
  }

  [[nodiscard]] std::vector<descriptor> take_peers() noexcept { return std::move(peers_); }

  void send_to_group(bytes_view bytes) { everybody_.send(bytes).value(); }
  void send_to_each(bytes_view bytes) {
    const message shared = message::make(bytes).value();
    for (const auto& one : shells_) one->send(shared).value();
  }

 private:
  void enter(connection& peer) {
    {
      const std::lock_guard lock{mutex_};
      one_by_one_.push_back(peer.weak_from_this());
    }
    everybody_.add(peer).value();
  }

  std::mutex mutex_;
  std::vector<std::weak_ptr<connection>> one_by_one_;
  std::vector<std::shared_ptr<connection>> shells_;
  group everybody_;
  network net_;
  std::vector<descriptor> peers_;
};

void run_sends(const send_options& options) {
  raise_descriptor_limit();
  pin_this_thread(options.user_cpu);
  audience all{options};
  const swallower peers{all.take_peers(), options.user_cpu};
  const std::vector<std::byte> message(options.message_bytes);
  std::uint64_t expected_bytes = 0;
  const auto sample = [&](const auto& send) {
    // Long enough for the workers to have gone to sleep again.
    std::this_thread::sleep_for(std::chrono::microseconds{300});
    const auto begin = steady::now();
    send(message);
    const nanoseconds took = steady::now() - begin;
    expected_bytes += options.members * (prefix_bytes + message.size());
    peers.wait_for(expected_bytes);
    return took;
  };

  std::printf("[");
  for (unsigned round = 0; round < options.rounds; ++round) {
    std::vector<nanoseconds> by_group;
    std::vector<nanoseconds> by_each;
    for (unsigned i = 0; i < options.samples; ++i) {
      by_group.push_back(sample([&](bytes_view bytes) { all.send_to_group(bytes); }));
      by_each.push_back(sample([&](bytes_view bytes) { all.send_to_each(bytes); }));
    }
    std::printf(R"(%s{"group_ns": %lld, "group_p99_ns": %lld, "each_ns": %lld})", round == 0 ? "" : ", ",
                static_cast<long long>(quantile(by_group, 0.5).count()),
                static_cast<long long>(quantile(by_group, 0.99).count()),
                static_cast<long long>(quantile(by_each, 0.5).count()));
  }
  std::printf("]\n");
}

}  // namespace
}  // namespace naru::bench

int main(int argc, char** argv) {
  naru::bench::send_options options;
  return naru::bench::run_program(
      argc, argv, "Times sends to a group and prints what they cost the sender in each round as JSON",
      [&](CLI::App& arguments) {
        arguments.add_option("--rounds", options.rounds)->capture_default_str();
        arguments.add_option("--samples", options.samples, "of each kind in a round")->capture_default_str();
        arguments.add_option("--members", options.members)->capture_default_str();
        arguments.add_option("--workers", options.workers)->capture_default_str();
        arguments.add_option("--size", options.message_bytes, "bytes of a message")->capture_default_str();
        arguments.add_option("--worker-cpu", options.worker_cpu, "where the workers run")
            ->capture_default_str();
        arguments.add_option("--user-cpu", options.user_cpu, "where sender and receivers run")
            ->capture_default_str();
      },
      [&] { naru::bench::run_sends(options); });
}
