#include "typed_input.hpp"

#include <array>
#include <utility>

#include <spdlog/fmt/fmt.h>

namespace naru::program {

typed_input::typed_input(std::weak_ptr<connection> peer, framing::kind frames, std::size_t max_message_bytes,
                         std::move_only_function<void()> on_end, console& speaker)
    : peer_{std::move(peer)},
      frames_{frames},
      max_message_bytes_{max_message_bytes},
      on_end_{std::move(on_end)},
      speaker_{speaker},
      thread_{[this] { run(); }} {}

typed_input::~typed_input() {
  input_.cancel();
  look_for_room();
}

void typed_input::look_for_room() {
  {
    const std::scoped_lock lock{mutex_};
  }
  room_.notify_all();
}

void typed_input::run() {
  std::array<char, std::size_t{64} * 1024> buffer = {};
  while (true) {
    const auto count = input_.read(buffer);
    if (!count) fail(fmt::format("the standard input could not be read: {}", count.error().message()));
    if (!count || *count == 0) break;
    if (!send_piece({buffer.data(), *count})) break;
  }
  if (!failed_ && !lines_.unfinished().empty()) send(lines_.unfinished());
  if (const auto peer = peer_.lock()) peer->post([this](connection&) { on_end_(); });
}

bool typed_input::send_piece(std::string_view piece) {
  if (frames_ == framing::kind::raw) return send(piece);
  lines_.take(piece);
  while (const auto line = lines_.next()) {
    if (!send(*line)) return false;
  }
  if (lines_.unfinished().size() <= max_message_bytes_) return true;
  return fail(fmt::format("a line is longer than a message may be ({} bytes)", max_message_bytes_));
}

bool typed_input::send(std::string_view message) {
  // In this framing a carriage return belongs to the end of the line, which `send` writes itself.
  if (frames_ == framing::kind::lines && message.ends_with('\r')) message.remove_suffix(1);
  if (!wait_for_room(message.size())) return false;
  const auto peer = peer_.lock();
  if (!peer) return false;
  const auto sent = peer->send(message);
  if (sent || sent.error() == errc::closed) return sent.has_value();
  return fail(fmt::format("a message of {} bytes was not sent: {}", message.size(), sent.error().message()));
}

// The backlog shrinks only while the network is polled, and look_for_room follows each poll.
bool typed_input::wait_for_room(std::size_t bytes) {
  constexpr std::size_t enough = std::size_t{1} << 20;
  std::unique_lock lock{mutex_};
  while (true) {
    const auto peer = peer_.lock();
    if (!peer || peer->is_closed()) return false;
    const auto waiting = peer->backlog_bytes();
    if (waiting == 0 || waiting + bytes <= enough) return true;
    room_.wait(lock);
  }
}

bool typed_input::fail(std::string_view why) {
  failed_ = true;
  speaker_.complain(why);
  return false;
}

}  // namespace naru::program
