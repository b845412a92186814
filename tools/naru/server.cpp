#include "server.hpp"

#include <algorithm>
#include <utility>

#include "arguments.hpp"

namespace naru::program {

void add_server_options(CLI::App& app, server_options& options) {
  add_listen_options(app, options.listen_at);
  add_workers_option(app, options.workers);
  add_parsed_option(app, "--engine", options.engine, parse_engine, "ENGINE",
                    "auto, epoll or iocp (default: auto, the best that this system has)");
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

std::expected<std::vector<listen_address>, std::string> server::start(
    const std::shared_ptr<const handlers>& shared) {
  if (const auto started = net_.start(); !started) return std::unexpected{started.error().message()};
  std::vector<listen_address> addresses;
  for (const auto& wanted : options_.listen_at) {
    const auto address = listen(wanted, shared);
    if (!address) {
      return std::unexpected{fmt::format("{}: {}", wanted.at.to_string(), address.error().message())};
    }
    addresses.push_back(*address);
  }
  return addresses;
}

result<listen_address> server::listen(const listen_address& wanted,
                                      const std::shared_ptr<const handlers>& shared) {
  const auto id = net_.bind(wanted.over, wanted.at);
  if (!id) return std::unexpected{id.error()};
  const auto limits = connection_options_for(options_.frames, options_.max_message_bytes);
  if (const auto done = net_.listen(*id, shared, {.connection = limits}); !done) {
    return std::unexpected{done.error()};
  }
  const auto address = net_.local_endpoint(*id);
  if (!address) return std::unexpected{address.error()};
  return listen_address{wanted.over, *address};
}

std::shared_ptr<const handlers> echo_handlers() {
  return std::make_shared<const handlers>(handlers{
      .on_received =
          [](connection& peer, bytes_view message) {
            // An answer that cannot be sent would leave a gap that the peer knows nothing of. Who sends
            // datagrams is used to gaps.
            if (!peer.send(message) && peer.over() == tcp) peer.close();
          },
  });
}

}  // namespace naru::program
