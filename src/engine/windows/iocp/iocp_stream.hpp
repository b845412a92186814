#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <system_error>

#include <naru/endpoint.hpp>

#include "engine/engine.hpp"
#include "engine/windows/iocp/iocp_source.hpp"
#include "engine/windows/iocp/operation.hpp"
#include "engine/windows/owned_socket.hpp"
#include "engine/windows/socket_address.hpp"

namespace naru::engine {

class iocp_loop;

/// A TCP socket of an IOCP engine. What comes is awaited by a receive of no bytes, so that an idle connection
/// holds no memory, and then read into memory that all share. [worker]
class iocp_stream final : public iocp_source, public stream {
 public:
  enum class stage : std::uint8_t { connecting, connected };
  iocp_stream(iocp_loop& loop, owned_socket socket, const endpoint& remote, stage now,
              stream_events& events) noexcept;

  /// What follows once the loop serves it: `begin` for one that is connected.
  void begin() noexcept;
  [[nodiscard]] std::error_code begin_connecting(const socket_address& address) noexcept;

  void set_events(stream_events& events) noexcept override { events_ = &events; }
  [[nodiscard]] send_result send(std::span<const bytes_view> buffers) noexcept override;
  [[nodiscard]] std::optional<finished_send> try_finish_send() noexcept override;
  void resume_receiving() noexcept override;
  void pause_receiving() noexcept override { receiving_ = false; }
  void shutdown_send() noexcept override;
  void close(close_mode mode) noexcept override;
  [[nodiscard]] endpoint local_endpoint() const noexcept override;
  [[nodiscard]] endpoint remote_endpoint() const noexcept override { return remote_; }

  void completed(operation& done, std::size_t bytes, std::error_code error) override;
  void take_turn() override;
  void tell_closed() override { events_->on_closed(); }

 private:
  void connected(std::error_code error);
  void await_bytes() noexcept;
  void receive();
  void end_receiving(std::error_code error);
  void sent(std::size_t bytes, std::error_code error);
  [[nodiscard]] send_result send_aside(std::span<WSABUF> parts) noexcept;
  [[nodiscard]] send_result refused() noexcept;

  iocp_loop& loop_;
  stream_events* events_;
  endpoint remote_;
  mutable endpoint local_ = {};  // read when it is first asked for
  operation receive_{*this};
  operation send_{*this};           // and the connect before
  std::error_code end_error_ = {};  // what receiving ends with, behind what can still be read
  bool connecting_;
  bool connect_untold_ = false;  // it was over at once, inside a call
  bool receiving_ = false;       // resumed, and not paused since
  bool unread_ = false;          // there may be something to read
  bool receive_ended_ = false;
  bool send_pending_ = false;
  bool send_told_ = false;       // of a send whose completion is still in the port
  bool waits_for_port_ = false;  // a send, for that completion
  bool send_ended_ = false;
};

}  // namespace naru::engine
