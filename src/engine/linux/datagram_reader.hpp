#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include <sys/socket.h>
#include <sys/uio.h>

#include <naru/endpoint.hpp>
#include <naru/error.hpp>

#include "engine/datagrams.hpp"
#include "engine/linux/socket_address.hpp"

namespace naru::engine {

/// Where all datagram sockets of one engine receive into: many messages with one system call (recvmmsg(2)).
/// A message is one datagram, or several of one peer that the system has kept together (UDP_GRO, udp(7)).
/// [worker]
class datagram_reader {
 public:
  static constexpr std::size_t messages_max = 32;
  /// No datagram is larger, nor what the system keeps together.
  static constexpr std::size_t message_bytes_max = std::size_t{64} << 10;

  struct message {
    arrival whole = {};
    /// Of each datagram in it; the last one may be smaller.
    std::size_t datagram_bytes = 0;
    bool truncated = false;
    /// How many datagrams the socket had lost when this one came, if the system says so (SO_RXQ_OVFL,
    /// socket(7)).
    std::optional<std::uint32_t> lost_so_far = {};
  };

  /// Null when there is no memory.
  [[nodiscard]] static std::unique_ptr<datagram_reader> make(std::size_t bytes_each = message_bytes_max);

  /// Takes what is there. Fewer messages than messages_max: the socket is empty.
  [[nodiscard]] result<std::size_t> read(int socket) noexcept;
  /// One of those that the last `read` took. `local` and `remote` stand where the system says nothing else.
  [[nodiscard]] message at(std::size_t index, const endpoint& local, const endpoint& remote) const noexcept;

  /// Room for those that are told of together.
  [[nodiscard]] std::span<arrival, 256> batch() noexcept { return batch_; }

 private:
  explicit datagram_reader(std::size_t bytes_each) noexcept : bytes_each_{bytes_each} {}

  struct alignas(cmsghdr) control {
    /// Where it came to, how large its datagrams are, and how many were lost.
    std::array<std::byte, 128> bytes;
  };

  [[nodiscard]] std::byte* place(std::size_t index) const noexcept { return &memory_[index * stride()]; }
  /// Messages that begin a whole power of two apart would share few lines of the cache.
  [[nodiscard]] std::size_t stride() const noexcept { return bytes_each_ + 4096 + 64; }

  std::size_t bytes_each_;
  std::unique_ptr<std::byte[]> memory_ = nullptr;
  std::array<mmsghdr, messages_max> headers_ = {};
  std::array<iovec, messages_max> parts_ = {};
  std::array<socket_address, messages_max> remotes_ = {};
  std::array<control, messages_max> controls_ = {};
  std::array<arrival, 256> batch_ = {};
};

}  // namespace naru::engine
