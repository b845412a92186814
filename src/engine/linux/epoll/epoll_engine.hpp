#pragma once

#include <chrono>
#include <memory>

#include "engine/engine.hpp"
#include "engine/linux/accept_reserve.hpp"
#include "engine/linux/datagram_reader.hpp"
#include "engine/linux/datagram_writer.hpp"
#include "engine/linux/epoll/epoll_loop.hpp"

namespace naru::engine {

/// The engine on epoll(7). It imitates completions: a read is done when the socket is readable, into memory
/// that all sockets share, and a send that found no room is over, with nothing sent, when there is room.
/// [worker]
class epoll_engine final : public engine {
 public:
  [[nodiscard]] static result<std::unique_ptr<engine>> make();

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
  [[nodiscard]] result<datagram_socket*> serve_datagrams(descriptor socket, const endpoint& remote,
                                                         const datagram_options& options,
                                                         datagram_events& events);

  epoll_loop loop_ = {};
  accept_reserve reserve_ = {};
  // Made for the first datagram socket.
  std::unique_ptr<datagram_reader> reader_ = nullptr;
  std::unique_ptr<datagram_writer> writer_ = nullptr;
};

}  // namespace naru::engine
