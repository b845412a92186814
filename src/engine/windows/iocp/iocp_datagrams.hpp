#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <system_error>
#include <vector>

#include <naru/endpoint.hpp>

#include "base/intrusive_list.hpp"
#include "engine/datagrams.hpp"
#include "engine/windows/iocp/datagram_slot.hpp"
#include "engine/windows/iocp/iocp_source.hpp"
#include "engine/windows/owned_socket.hpp"

namespace naru::engine {

class iocp_loop;

/// A UDP socket of an IOCP engine. Several receives are under way, and their datagrams are handed out
/// together, in the order in which they were asked for, which is that in which the system fills them. What is
/// sent is copied by the system at once, or refused. [worker]
class iocp_datagrams final : public iocp_source, public datagram_socket {
 public:
  /// Of a socket that many peers share, and of one with a single peer.
  static constexpr std::size_t shared_receives = 16;
  static constexpr std::size_t connected_receives = 2;

  /// Whom it talks to: everybody, or, with an address, this one peer.
  iocp_datagrams(iocp_loop& loop, owned_socket socket, const endpoint& remote,
                 datagram_events& events) noexcept;
  /// To be called once, before the loop serves it: takes memory for this many receives.
  [[nodiscard]] std::error_code open(std::size_t receives) noexcept;

  [[nodiscard]] datagrams_sent send(std::span<const departure> batch) noexcept override;
  void close() noexcept override;
  [[nodiscard]] endpoint local_endpoint() const noexcept override { return local_; }

  /// To be called once, when the loop serves it.
  void begin() noexcept { ask_again(); }

  void completed(operation& done, std::size_t bytes, std::error_code error) override;
  void take_turn() override;
  void tell_closed() override { events_.on_closed(); }

 private:
  [[nodiscard]] bool is_connected() const noexcept { return remote_.family() != address_family::none; }
  /// False when it was refused: to be tried again later.
  [[nodiscard]] bool ask(datagram_slot& free) noexcept;
  void note_failure(std::error_code error) noexcept;
  [[nodiscard]] bool is_of_peer(const endpoint& from) const noexcept;
  void ask_again() noexcept;
  /// False when there was nothing but failures.
  [[nodiscard]] bool hand_out();
  [[nodiscard]] int send_one(const departure& one) noexcept;
  [[nodiscard]] std::error_code as_told(int error) const noexcept;

  using slot_list = base::intrusive_list<datagram_slot, slot_tag>;

  iocp_loop& loop_;
  datagram_events& events_;
  endpoint remote_;
  endpoint local_;
  int family_;
  bool names_local_;
  std::vector<std::unique_ptr<datagram_slot>> slots_ = {};
  std::vector<arrival> batch_ = {};
  slot_list asked_ = {};  // in this order the system fills them
  slot_list free_ = {};
  std::error_code untold_error_ = {};
  bool is_deaf_ = false;  // no receive that waits is told of what comes
};

}  // namespace naru::engine
