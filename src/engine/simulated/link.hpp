#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <naru/bytes.hpp>
#include <naru/endpoint.hpp>

#include "engine/engine.hpp"
#include "engine/simulated/pipe.hpp"
#include "engine/simulated/signal.hpp"

namespace naru::engine::simulated {

/// Which end of a link: the one that connected, or the one that accepted.
enum class side : std::uint8_t { client, server };

[[nodiscard]] constexpr side other(side which) noexcept {
  return which == side::client ? side::server : side::client;
}

/// One connection as the network sees it, with the rules of TCP (RFC 9293): an end of the stream comes after
/// all bytes before it; who closes with input unread, or is sent more after closing, resets the peer, and
/// what is on its way is then lost in both directions. Guarded by the mutex of the kernel.
class link {
 public:
  struct end_options {
    endpoint address = {};
    std::size_t pipe_bytes = 0;  ///< for what this end sends
  };

  link(const end_options& client, const end_options& server);

  [[nodiscard]] const endpoint& address(side which) const noexcept { return at(which).address; }

  /// The engine that serves this end, which is told of whatever the peer does.
  void attach(side which, signal& engine) noexcept;

  /// How much this end may write now.
  [[nodiscard]] std::size_t room(side which) const noexcept;
  /// No more than there is room for. A peer that is gone answers with a reset.
  void write(side which, bytes_view bytes);
  void shutdown(side which) noexcept;

  /// How much there is to read for this end.
  [[nodiscard]] std::size_t readable(side which) const noexcept { return outgoing(other(which)).size(); }
  [[nodiscard]] std::vector<std::byte> read(side which, std::size_t count);
  /// All was read, and nothing more will come.
  [[nodiscard]] bool at_end(side which) const noexcept;
  /// The peer has reset this end.
  [[nodiscard]] bool is_reset(side which) const noexcept { return at(which).reset; }

  /// Gives this end back. Once.
  void close(side which, close_mode mode) noexcept;

 private:
  struct end {
    endpoint address;
    pipe outgoing;
    signal* engine = nullptr;
    bool closed = false;
    bool reset = false;
  };

  [[nodiscard]] end& at(side which) noexcept { return ends_[static_cast<std::size_t>(which)]; }
  [[nodiscard]] const end& at(side which) const noexcept { return ends_[static_cast<std::size_t>(which)]; }
  [[nodiscard]] pipe& outgoing(side which) noexcept { return at(which).outgoing; }
  [[nodiscard]] const pipe& outgoing(side which) const noexcept { return at(which).outgoing; }
  void kick(side which) noexcept;
  void reset(side which) noexcept;

  std::array<end, 2> ends_;
};

}  // namespace naru::engine::simulated
