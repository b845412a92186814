#pragma once

#include <cstdint>
#include <system_error>

#include <sys/epoll.h>

#include "engine/engine.hpp"
#include "engine/linux/accept_reserve.hpp"
#include "engine/linux/descriptor.hpp"
#include "engine/linux/epoll/epoll_source.hpp"

namespace naru::engine {

class epoll_loop;

/// A listening socket of an epoll engine. [worker]
class epoll_acceptor final : public epoll_source, public acceptor {
 public:
  static constexpr std::uint32_t watched_events = EPOLLIN | EPOLLET;

  epoll_acceptor(epoll_loop& loop, accept_reserve& reserve, descriptor socket,
                 acceptor_events& events) noexcept;

  void resume() noexcept override;
  void close() noexcept override;

  void serve(std::uint32_t events) override;
  void tell_closed() override { events_.on_closed(); }

 private:
  void fail(std::error_code error);
  [[nodiscard]] bool somebody_waits() const noexcept;

  epoll_loop& loop_;
  accept_reserve& reserve_;
  acceptor_events& events_;
  bool resting_ = false;
  bool closed_ = false;
};

}  // namespace naru::engine
