#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <naru/framing.hpp>
#include <naru/handlers.hpp>
#include <naru/network.hpp>
#include <naru/options.hpp>

#include "addresses.hpp"
#include "console.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): of the library
class App;       // NOLINT(readability-identifier-naming)
}

namespace naru::program {

/// What `echo` and `chat` can be told.
struct server_options {
  std::vector<listen_address> listen_at = {};
  unsigned workers = network_options::one_per_core;
  engine_kind engine = engine_kind::automatic;
  framing frames = framing::length_prefix();
  std::size_t max_message_bytes = connection_options{}.max_message_bytes;
};

void add_server_options(CLI::App& app, server_options& options);

/// The limits for messages up to that size: the default backlog, or as much as two of them need.
[[nodiscard]] connection_options connection_options_for(const framing& frames, std::size_t max_message_bytes);

/// A network that listens at one address or several, over TCP, UDP or both.
class server {
 public:
  server(const server_options& options, console& speaker);

  /// Gives all listeners the same handlers. The addresses that it listens at, or what went wrong.
  [[nodiscard]] std::expected<std::vector<listen_address>, std::string> start(
      const std::shared_ptr<const handlers>& shared);
  /// Closes all connections in good order; those whose peers do not answer are reset after `grace`.
  void stop(std::chrono::milliseconds grace) { net_.stop(grace); }
  [[nodiscard]] network_stats stats() const noexcept { return net_.stats(); }

 private:
  [[nodiscard]] result<listen_address> listen(const listen_address& wanted,
                                              const std::shared_ptr<const handlers>& shared);

  const server_options options_;
  network net_;
};

/// Runs a server until the process is told to end: says where it listens, shows what it does, and sums up.
/// Returns the exit status. Throws a usage_error when there is nowhere to listen.
int serve(std::string_view name, const server_options& options,
          const std::shared_ptr<const handlers>& shared);

/// What the echo does with each message; also behind the demo.
[[nodiscard]] std::shared_ptr<const handlers> echo_handlers();

}  // namespace naru::program
