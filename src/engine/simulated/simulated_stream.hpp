#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <vector>

#include "engine/engine.hpp"
#include "engine/simulated/receive_half.hpp"
#include "engine/simulated/send_half.hpp"
#include "engine/simulated/simulated_socket.hpp"

namespace naru::engine::simulated {

/// One end of a link, as a worker sees it. It holds its user to the rules of the seam. [worker]
class simulated_stream final : public simulated_socket, public stream {
 public:
  /// One that begins to connect.
  simulated_stream(engine_context& context, const endpoint& remote, stream_events& events);
  /// An accepted one.
  simulated_stream(engine_context& context, std::shared_ptr<link> accepted, const endpoint& remote,
                   stream_events& events);

  void set_events(stream_events& events) noexcept override;
  [[nodiscard]] send_result send(std::span<const bytes_view> buffers) noexcept override;
  [[nodiscard]] std::optional<finished_send> try_finish_send() noexcept override;
  void resume_receiving() noexcept override;
  void pause_receiving() noexcept override;
  void shutdown_send() noexcept override;
  void close(close_mode mode) noexcept override;
  [[nodiscard]] endpoint local_endpoint() const noexcept override;
  [[nodiscard]] endpoint remote_endpoint() const noexcept override { return remote_; }

  bool advance(std::vector<report>& to_tell) override NARU_REQUIRES(context_.system.mutex);
  void tell(news what) override;

 private:
  enum class stage : std::uint8_t { connecting, connected, failed, closing };

  void require_open() const noexcept;
  void require_connected() const noexcept;
  bool advance_connecting(std::vector<report>& to_tell) NARU_REQUIRES(context_.system.mutex);
  bool advance_closing(std::vector<report>& to_tell) NARU_REQUIRES(context_.system.mutex);
  void tell_connected();
  void tell_closed();

  stream_events* events_;
  std::shared_ptr<link> link_;  ///< null until a connect has an answer, and when that is an error
  endpoint remote_;
  side own_;
  send_half send_;
  receive_half receive_;
  stage stage_;
  bool connect_answered_ = false;
  std::error_code connect_error_ = {};
  unsigned delay_polls_ = 0;  ///< until the answer to a connect, or to a close, is told
  close_mode close_mode_ = close_mode::orderly;
};

}  // namespace naru::engine::simulated
