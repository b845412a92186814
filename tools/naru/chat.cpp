#include <memory>
#include <mutex>

#include <CLI/CLI.hpp>

#include <naru/connection.hpp>
#include <naru/group.hpp>

#include "commands.hpp"
#include "server.hpp"

namespace naru::program {

namespace {

/// Everybody who is there. Handlers of several workers call it at the same time.
class chat_room {
 public:
  /// Who leaves does so by itself, when the connection ends.
  void enter(connection& peer) {
    if (!everybody_.add(peer)) peer.close();
  }
  /// The lock gives everybody the same order of messages; it is held for as long as a letter to each worker
  /// takes. A peer that cannot take any more is reset by its own backlog limit, or misses a datagram, and the
  /// others do not notice.
  void tell_all(connection& from, bytes_view message) {
    const std::scoped_lock lock{mutex_};
    if (!everybody_.send(message)) from.close();  // no memory: at least one knows
  }

 private:
  std::mutex mutex_;
  group everybody_;
};

std::shared_ptr<const handlers> chat_handlers() {
  const auto room = std::make_shared<chat_room>();
  return std::make_shared<const handlers>(handlers{
      .on_connected = [room](connection& peer) { room->enter(peer); },
      .on_received = [room](connection& peer, bytes_view message) { room->tell_all(peer, message); },
  });
}

}  // namespace

void add_chat_command(CLI::App& program, command& chosen) {
  auto& app = *program.add_subcommand("chat", "Sends every message to everybody who is connected");
  const auto options = std::make_shared<server_options>();
  add_server_options(app, *options);
  app.callback(
      [options, &chosen] { chosen = [options] { return serve("naru chat", *options, chat_handlers()); }; });
}

}  // namespace naru::program
