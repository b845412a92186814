#include <map>
#include <memory>
#include <mutex>

#include <CLI/CLI.hpp>

#include <naru/connection.hpp>

#include "commands.hpp"
#include "server.hpp"

namespace naru::program {

namespace {

/// Everybody who is there. Handlers of several workers call it at the same time.
class chat_room {
 public:
  void enter(connection& peer) {
    const std::scoped_lock lock{mutex_};
    peers_.emplace(peer.id(), peer.weak_from_this());
  }
  void leave(connection& peer) {
    const std::scoped_lock lock{mutex_};
    peers_.erase(peer.id());
  }
  /// Held through all the sends, which do not block, the lock gives everybody the same order of messages. A
  /// peer that cannot take any more is reset by its own backlog limit, or misses a datagram, and the others
  /// do not notice.
  void tell_all(bytes_view message) {
    const std::scoped_lock lock{mutex_};
    for (const auto& [id, weak] : peers_) {
      if (const auto peer = weak.lock()) peer->send(message);
    }
  }

 private:
  std::mutex mutex_;
  std::map<connection_id, std::weak_ptr<connection>> peers_;
};

std::shared_ptr<const handlers> chat_handlers() {
  const auto room = std::make_shared<chat_room>();
  return std::make_shared<const handlers>(handlers{
      .on_connected = [room](connection& peer) { room->enter(peer); },
      .on_received = [room](connection&, bytes_view message) { room->tell_all(message); },
      .on_closed = [room](connection& peer, close_reason) { room->leave(peer); },
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
