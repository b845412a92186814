#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/datagrams.hpp"
#include "engine/simulated/datagram_errors.hpp"
#include "engine/simulated/datagram_network.hpp"
#include "engine/simulated/datagram_receiver.hpp"
#include "engine/simulated/datagram_sender.hpp"
#include "engine/simulated/simulated_socket.hpp"

namespace naru::engine::simulated {

/// A datagram socket, as a worker sees it. It holds its user to the rules of the seam. [worker]
class simulated_datagram_socket final : public simulated_socket, public datagram_socket {
 public:
  /// `first`: of all that share the port it is the one that may receive.
  simulated_datagram_socket(engine_context& context, std::shared_ptr<datagram_port> port, bool first,
                            bool receives, datagram_events& events);

  [[nodiscard]] datagrams_sent send(std::span<const departure> batch) noexcept override;
  void close() noexcept override;
  [[nodiscard]] endpoint local_endpoint() const noexcept override;

  bool advance(std::vector<report>& to_tell) override NARU_REQUIRES(context_.system.mutex);
  void tell(news what) override;

 private:
  void require_open() const noexcept;
  bool advance_closing(std::vector<report>& to_tell) NARU_REQUIRES(context_.system.mutex);
  bool advance_receiving() NARU_REQUIRES(context_.system.mutex);
  void tell_received();
  void tell_failed();

  datagram_events& events_;
  std::shared_ptr<datagram_port> port_;
  datagram_errors errors_;
  datagram_sender sender_;
  datagram_receiver receiver_;
  const bool first_;
  const bool receives_;
  bool closing_ = false;
  unsigned delay_polls_ = 0;  ///< until the end is told
};

}  // namespace naru::engine::simulated
