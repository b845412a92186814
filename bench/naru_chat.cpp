// The chat server on naru: what one says, all are sent. At its end it prints what its limits made of that.

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>

#include <naru/naru.hpp>

#include "support/naru_server.hpp"
#include "support/programs.hpp"

namespace naru::bench {
namespace {

/// Everybody who is there. Handlers of several workers call it at the same time.
class room {
 public:
  void enter(connection& peer) {
    if (!everybody_.add(peer)) peer.close();
  }
  void tell_all(connection& from, bytes_view message) {
    if (!everybody_.send(message)) from.close();
  }
  void leave(const connection& peer) {
    const std::uint64_t highest = peer.stats().backlog_bytes_highest;
    std::uint64_t before = backlog_bytes_highest_;
    while (highest > before && !backlog_bytes_highest_.compare_exchange_weak(before, highest)) {
    }
  }
  [[nodiscard]] std::uint64_t backlog_bytes_highest() const noexcept { return backlog_bytes_highest_; }

 private:
  group everybody_;
  std::atomic<std::uint64_t> backlog_bytes_highest_ = 0;
};

void print(const network_stats& stats) {
  std::printf(R"({"memory_bytes_highest": %llu, "dropped": %llu, "ended_for_backlog": %llu, )"
              R"("ended_for_memory": %llu, )",
              static_cast<unsigned long long>(stats.memory_bytes_highest),
              static_cast<unsigned long long>(stats.messages_dropped),
              static_cast<unsigned long long>(stats.closed_by(close_cause::backlog)),
              static_cast<unsigned long long>(stats.closed_by(close_cause::memory)));
}

void serve_chat(naru_server server) {
  raise_descriptor_limit();
  const auto everybody = std::make_shared<room>();
  serve(std::move(server),
        std::make_shared<const handlers>(handlers{
            .on_connected = [everybody](connection& peer) { everybody->enter(peer); },
            .on_received = [everybody](connection& peer,
                                       bytes_view message) { everybody->tell_all(peer, message); },
            .on_closed = [everybody](connection& peer, close_reason) { everybody->leave(peer); },
        }),
        [](const network& net) { print(net.stats()); });
  std::printf(R"("backlog_bytes_highest": %llu})"
              "\n",
              static_cast<unsigned long long>(everybody->backlog_bytes_highest()));
}

}  // namespace
}  // namespace naru::bench

int main(int argc, char** argv) {
  naru::bench::naru_server server = {.listen = naru::bench::benchmark_listener()};
  naru::connection_options& each = server.listen.connection;
  return naru::bench::run_program(
      argc, argv, "A chat server on naru",
      [&](CLI::App& arguments) {
        arguments.add_option("--port", server.port, "on 127.0.0.1; 0 takes a free one")
            ->capture_default_str();
        arguments.add_option("--workers", server.network.workers)->capture_default_str();
        arguments.add_option("--memory-max", server.network.memory_max, "bytes")->capture_default_str();
        arguments.add_option("--message-max", each.max_message_bytes, "bytes")->capture_default_str();
        arguments.add_option("--backlog-max", each.backlog_bytes_max, "bytes of one connection")
            ->capture_default_str();
        arguments.add_option("--kernel-unsent-max", each.kernel_unsent_bytes_max, "bytes of one connection")
            ->capture_default_str();
        arguments.add_flag_callback(
            "--drop-oldest", [&] { each.when_backlog_full = naru::backlog_policy::drop_oldest; },
            "where a backlog is full; otherwise the connection ends");
      },
      [&] { naru::bench::serve_chat(std::move(server)); });
}
