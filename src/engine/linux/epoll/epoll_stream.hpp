#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <system_error>

#include <sys/epoll.h>

#include <naru/endpoint.hpp>
#include <naru/error.hpp>

#include "engine/engine.hpp"
#include "engine/linux/descriptor.hpp"
#include "engine/linux/epoll/epoll_source.hpp"

namespace naru::engine {

class epoll_loop;

/// A TCP socket of an epoll engine. [worker]
class epoll_stream final : public epoll_source, public stream {
 public:
  /// Watched for all of it from the first moment to the last. EPOLLPRI is there for urgent data, whose mark
  /// ends a read early.
  static constexpr std::uint32_t watched_events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;

  enum class stage : std::uint8_t { connecting, connected };
  epoll_stream(epoll_loop& loop, descriptor socket, const endpoint& remote, stage now,
               stream_events& events) noexcept;

  void set_events(stream_events& events) noexcept override { events_ = &events; }
  [[nodiscard]] send_result send(std::span<const bytes_view> buffers) noexcept override;
  [[nodiscard]] std::optional<finished_send> try_finish_send() noexcept override;
  void resume_receiving() noexcept override;
  void pause_receiving() noexcept override;
  void shutdown_send() noexcept override;
  void close(close_mode mode) noexcept override;
  [[nodiscard]] endpoint local_endpoint() const noexcept override;
  [[nodiscard]] endpoint remote_endpoint() const noexcept override { return remote_; }

  void serve(std::uint32_t events) override;
  void fetch_ahead() const noexcept override;
  void tell_closed() override { events_->on_closed(); }

 private:
  void finish_connecting();
  void receive();
  void end_receiving(std::error_code error);
  [[nodiscard]] send_result refused(int error) noexcept;

  epoll_loop& loop_;
  stream_events* events_;
  endpoint remote_;
  mutable endpoint local_ = {};  // read when it is first asked for
  bool connecting_;
  bool receiving_ = false;        // resumed, and not paused since
  bool unread_ = false;           // the system may hold something that no further edge will tell of
  bool read_to_the_end_ = false;  // a short read does not mean that all was read
  bool reset_behind_ = false;     // the end of what is received is a reset
  bool receive_ended_ = false;
  bool send_pending_ = false;
  bool send_ended_ = false;
  bool closed_ = false;
};

}  // namespace naru::engine
