#include "server.hpp"

#include <algorithm>
#include <utility>

#include "arguments.hpp"

namespace naru::program {

void add_server_options(CLI::App& app, server_options& options) {
  add_parsed_option(app, "--tcp", options.listen_at, parse_listen_address, "ADDR:PORT",
                    "Where to listen over TCP; port 0 takes a free one")
      ->required();
  add_workers_option(app, options.workers);
  add_parsed_option(app, "--engine", options.engine, parse_engine, "ENGINE",
                    "auto or epoll (default: auto, the best that this system has)");
  add_framing_option(app, options.frames);
  add_max_message_option(app, options.max_message_bytes);
}

connection_options connection_options_for(const framing& frames, std::size_t max_message_bytes) {
  constexpr std::size_t framing_bytes_max = 2 * wrapping::part_bytes_max;
  connection_options options{.frames = frames, .max_message_bytes = max_message_bytes};
  options.backlog_bytes_max =
      std::max(options.backlog_bytes_max, 2 * (max_message_bytes + framing_bytes_max));
  return options;
}

server::server(const server_options& options, console& speaker)
    : options_{options},
      net_{{.workers = options.workers, .engine = options.engine, .log = speaker.log_hook()}} {}

std::expected<endpoint, std::string> server::start(std::shared_ptr<const handlers> shared) {
  const auto at_address = [this](std::error_code error) {
    return fmt::format("{}: {}", options_.listen_at.to_string(), error.message());
  };
  if (const auto started = net_.start(); !started) return std::unexpected{started.error().message()};
  const auto id = net_.bind(tcp, options_.listen_at);
  if (!id) return std::unexpected{at_address(id.error())};
  const auto limits = connection_options_for(options_.frames, options_.max_message_bytes);
  if (const auto done = net_.listen(*id, std::move(shared), {.connection = limits}); !done) {
    return std::unexpected{at_address(done.error())};
  }
  const auto address = net_.local_endpoint(*id);
  if (!address) return std::unexpected{at_address(address.error())};
  return *address;
}

std::shared_ptr<const handlers> echo_handlers() {
  return std::make_shared<const handlers>(handlers{
      .on_received =
          [](connection& peer, bytes_view message) {
            // An answer that cannot be sent would leave a gap that the peer knows nothing of.
            if (!peer.send(message)) peer.close();
          },
  });
}

}  // namespace naru::program
