#include "engine/simulated/link.hpp"

#include <limits>

namespace naru::engine::simulated {

link::link(const end_options& client, const end_options& server)
    : ends_{end{.address = client.address, .outgoing = pipe{client.pipe_bytes}},
            end{.address = server.address, .outgoing = pipe{server.pipe_bytes}}} {}

void link::attach(side which, signal& engine) noexcept {
  at(which).engine = &engine;
  engine.kick();
}

std::size_t link::room(side which) const noexcept {
  // A sender does not know that nobody is there: its system takes the bytes, and learns it by the answer.
  if (at(other(which)).closed) return std::numeric_limits<std::size_t>::max();
  return outgoing(which).room();
}

void link::write(side which, bytes_view bytes) {
  if (bytes.empty()) return;
  if (at(other(which)).closed) {
    reset(which);
    return;
  }
  outgoing(which).write(bytes);
  kick(other(which));
}

void link::shutdown(side which) noexcept {
  outgoing(which).end();
  kick(other(which));
}

std::vector<std::byte> link::read(side which, std::size_t count) {
  std::vector<std::byte> bytes = outgoing(other(which)).read(count);
  kick(other(which));
  return bytes;
}

bool link::at_end(side which) const noexcept {
  const pipe& incoming = outgoing(other(which));
  return incoming.ended() && incoming.size() == 0;
}

void link::close(side which, close_mode mode) noexcept {
  const bool unread = readable(which) > 0;
  at(which).closed = true;
  at(which).engine = nullptr;
  outgoing(other(which)).clear();
  if (mode == close_mode::reset || unread) {
    reset(other(which));
  } else {
    shutdown(which);
  }
}

void link::kick(side which) noexcept {
  if (at(which).engine != nullptr) at(which).engine->kick();
}

void link::reset(side which) noexcept {
  at(which).reset = true;
  outgoing(side::client).clear();
  outgoing(side::server).clear();
  kick(which);
}

}  // namespace naru::engine::simulated
