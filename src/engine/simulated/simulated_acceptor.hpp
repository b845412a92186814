#pragma once

#include <deque>
#include <memory>
#include <system_error>
#include <vector>

#include "engine/engine.hpp"
#include "engine/simulated/link.hpp"
#include "engine/simulated/port.hpp"
#include "engine/simulated/simulated_socket.hpp"

namespace naru::engine::simulated {

/// A listening port, as a worker sees it. [worker]
class simulated_acceptor final : public simulated_socket, public acceptor {
 public:
  simulated_acceptor(engine_context& context, std::shared_ptr<port> listening, acceptor_events& events);

  void resume() noexcept override;
  void close() noexcept override;

  bool advance(std::vector<report>& to_tell) override NARU_REQUIRES(context_.system.mutex);
  void tell(news what) override;

 private:
  void require_open() const noexcept;
  bool advance_closing(std::vector<report>& to_tell) NARU_REQUIRES(context_.system.mutex);
  void take_peers() NARU_REQUIRES(context_.system.mutex);
  void tell_accepted();

  acceptor_events& events_;
  std::shared_ptr<port> port_;
  std::deque<std::shared_ptr<link>> taken_;  ///< out of the system's queue, and not told yet
  std::error_code failure_ = {};             ///< not told yet
  unsigned delay_polls_ = 0;                 ///< until what is there is told, or the end
  bool resting_ = false;
  bool closing_ = false;
};

}  // namespace naru::engine::simulated
