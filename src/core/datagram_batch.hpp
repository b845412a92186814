#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/message_body.hpp"
#include "engine/datagrams.hpp"

namespace naru::core {

class udp_renter;
class udp_socket;

/// Where what handlers send is gathered, so that it leaves with one system call: the datagrams of one socket,
/// for any of its peers. One for each worker, since its sockets have their turns one after the other; whoever
/// comes to it while it has another's datagrams has that one push them first. [worker]
class datagram_batch {
 public:
  /// What comes together before it is pushed although handlers still run.
  static constexpr std::size_t bytes_max = std::size_t{64} << 10;

  /// Null when there is no memory.
  [[nodiscard]] static std::unique_ptr<datagram_batch> make() noexcept;

  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] bool is_full() const noexcept {
    return count_ == entries_.size() || used_bytes_ >= bytes_max;
  }
  /// Whose datagrams these are; null when there are none.
  [[nodiscard]] udp_socket* owner() const noexcept { return owner_; }

  /// Room for one more. Not while it is full, or another's.
  [[nodiscard]] std::byte* add(udp_socket& owner, udp_renter& to, std::size_t bytes) noexcept;
  /// One more that many share, and that is not copied.
  void add(udp_socket& owner, udp_renter& to, const message_ref& shared) noexcept;

  /// All of them, those to one peer side by side in the order in which they were added. Valid until `clear`.
  [[nodiscard]] std::span<const engine::departure> departures() noexcept;
  /// To whom the departure with this index goes.
  [[nodiscard]] udp_renter& to(std::size_t index) const noexcept { return *order_[index]; }
  void clear() noexcept;

 private:
  datagram_batch() noexcept = default;

  static constexpr std::uint16_t none = UINT16_MAX;
  struct entry {
    udp_renter* to;
    bytes_view bytes;
    std::uint16_t next_to_same;
  };

  void note(udp_socket& owner, udp_renter& to, bytes_view bytes) noexcept;

  udp_socket* owner_ = nullptr;
  std::size_t count_ = 0;
  std::size_t used_bytes_ = 0;
  std::array<entry, engine::datagram_socket::departures_max> entries_ = {};
  std::array<udp_renter*, engine::datagram_socket::departures_max> order_ = {};
  std::array<engine::departure, engine::datagram_socket::departures_max> departures_ = {};
  std::array<message_ref, engine::datagram_socket::departures_max> shared_ = {};
  std::size_t shared_count_ = 0;
  /// For one more of the largest datagrams when there is nearly enough for a push.
  std::array<std::byte, 2 * bytes_max> memory_ = {};
};

}  // namespace naru::core
