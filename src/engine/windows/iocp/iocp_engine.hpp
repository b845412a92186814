#pragma once

#include <chrono>
#include <memory>

#include "engine/engine.hpp"
#include "engine/windows/iocp/iocp_loop.hpp"
#include "engine/windows/owned_socket.hpp"
#include "engine/windows/socket_calls.hpp"

namespace naru::engine {

/// The engine on I/O completion ports, one for each engine. [worker]
class iocp_engine final : public engine {
 public:
  explicit iocp_engine(const socket_calls& calls) noexcept : loop_{calls} {}
  [[nodiscard]] static result<std::unique_ptr<engine>> make(const socket_calls& calls);

  [[nodiscard]] result<stream*> adopt(raw_socket socket, const endpoint& remote,
                                      const stream_options& options, stream_events& events) override;
  [[nodiscard]] result<stream*> connect(const endpoint& remote, const stream_options& options,
                                        stream_events& events) override;
  [[nodiscard]] result<acceptor*> accept_from(raw_socket socket, acceptor_events& events) override;
  [[nodiscard]] result<datagram_socket*> share(raw_socket socket, const datagram_options& options,
                                               datagram_events& events) override;
  [[nodiscard]] result<datagram_socket*> connect(const endpoint& remote, const datagram_options& options,
                                                 datagram_events& events) override;
  void poll(std::chrono::nanoseconds wait) override { loop_.poll(wait); }
  void wake() noexcept override { loop_.wake(); }

 private:
  [[nodiscard]] result<datagram_socket*> serve_datagrams(owned_socket socket, const endpoint& remote,
                                                         const datagram_options& options,
                                                         datagram_events& events);

  iocp_loop loop_;
};

}  // namespace naru::engine
