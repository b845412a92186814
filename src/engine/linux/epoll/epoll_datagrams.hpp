#pragma once

#include <cstdint>
#include <span>
#include <system_error>

#include <sys/epoll.h>

#include <naru/endpoint.hpp>

#include "engine/datagrams.hpp"
#include "engine/linux/datagram_reader.hpp"
#include "engine/linux/datagram_writer.hpp"
#include "engine/linux/descriptor.hpp"
#include "engine/linux/epoll/epoll_source.hpp"

namespace naru::engine {

class epoll_loop;

/// A UDP socket of an epoll engine. [worker]
class epoll_datagrams final : public epoll_source, public datagram_socket {
 public:
  /// One that only sends is not woken for what another one receives.
  [[nodiscard]] static constexpr std::uint32_t watched_events(bool receives) noexcept {
    return (receives ? EPOLLIN : 0U) | EPOLLOUT | EPOLLET;
  }

  /// Whom it talks to: everybody, or, with an address, this one peer. The reader and the writer are the
  /// engine's.
  epoll_datagrams(epoll_loop& loop, descriptor socket, const endpoint& remote, bool receives,
                  datagram_reader& reader, datagram_writer& writer, datagram_events& events) noexcept;

  [[nodiscard]] datagrams_sent send(std::span<const departure> batch) noexcept override;
  void close() noexcept override;
  [[nodiscard]] endpoint local_endpoint() const noexcept override { return local_; }

  void serve(std::uint32_t events) override;
  void tell_closed() override { events_.on_closed(); }

 private:
  void receive();
  void hand_out(std::size_t messages);

  epoll_loop& loop_;
  datagram_reader& reader_;
  datagram_writer& writer_;
  datagram_events& events_;
  endpoint remote_;
  endpoint local_;
  datagram_route route_;
  std::error_code untold_error_ = {};
  std::uint32_t lost_so_far_ = 0;
  bool receives_;
  bool waits_for_room_ = false;
  bool closed_ = false;
};

}  // namespace naru::engine
