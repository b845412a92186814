#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <system_error>

#include "engine/engine.hpp"
#include "engine/windows/iocp/iocp_source.hpp"
#include "engine/windows/iocp/operation.hpp"
#include "engine/windows/owned_socket.hpp"

namespace naru::engine {

class iocp_loop;

/// A listening socket of an IOCP engine: several accepts are under way, each with the socket that its peer
/// will get. [worker]
class iocp_acceptor final : public iocp_source, public acceptor {
 public:
  static constexpr std::size_t accepts_pending = 16;

  iocp_acceptor(iocp_loop& loop, owned_socket socket, acceptor_events& events) noexcept;
  /// To be called once, before the loop serves it: takes memory.
  [[nodiscard]] std::error_code open() noexcept;

  void resume() noexcept override;
  void close() noexcept override;

  void completed(operation& done, std::size_t bytes, std::error_code error) override;
  void take_turn() override;
  void tell_closed() override { events_.on_closed(); }

 private:
  /// What the system writes of each address, and the room that it asks for beside it (AcceptEx).
  static constexpr DWORD address_bytes = sizeof(sockaddr_in6) + 16;

  /// An accept, and the socket that it fills.
  struct seat final : operation {
    using operation::operation;

    owned_socket peer = {};
    bool taken = false;  // the peer is there, and nobody was told
    alignas(8) std::array<std::byte, std::size_t{2} * address_bytes> addresses = {};
  };

  void serve(seat& one);
  [[nodiscard]] bool offer(seat& free);
  void hand_out(seat& taken);
  void fail(std::error_code error);

  iocp_loop& loop_;
  acceptor_events& events_;
  int family_;
  std::array<std::unique_ptr<seat>, accepts_pending> seats_;
  bool resting_ = false;
};

}  // namespace naru::engine
