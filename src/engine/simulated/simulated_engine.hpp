#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/engine.hpp"
#include "engine/simulated/datagram_network.hpp"
#include "engine/simulated/engine_context.hpp"
#include "engine/simulated/simulated_socket.hpp"

namespace naru::engine::simulated {

/// An engine in memory. Each poll first lets things happen, under the lock of the kernel, and then tells of
/// them without it. A poll may return with nothing told, as one that a signal interrupts: delays are counted
/// in polls. [worker], but for `wake`
class simulated_engine final : public engine {
 public:
  simulated_engine(std::shared_ptr<world> where, const hostility& manners, std::uint64_t seed,
                   std::shared_ptr<fault_plan> faults);
  ~simulated_engine() override;

  [[nodiscard]] result<stream*> adopt(raw_socket socket, const endpoint& remote,
                                      const stream_options& options, stream_events& events) override;
  [[nodiscard]] result<stream*> connect(const endpoint& remote, const stream_options& options,
                                        stream_events& events) override;
  [[nodiscard]] result<acceptor*> accept_from(raw_socket socket, acceptor_events& events) override;
  [[nodiscard]] result<datagram_socket*> share(raw_socket socket, const datagram_options& options,
                                               datagram_events& events) override;
  [[nodiscard]] result<datagram_socket*> connect(const endpoint& remote, const datagram_options& options,
                                                 datagram_events& events) override;
  void poll(std::chrono::nanoseconds wait) override;
  void wake() noexcept override;

 private:
  datagram_socket* serve(std::shared_ptr<datagram_port> port, bool first, const datagram_options& options,
                         datagram_events& events) NARU_REQUIRES(context_.system.mutex);
  void collect(std::chrono::nanoseconds wait);
  [[nodiscard]] bool advance_sockets() NARU_REQUIRES(context_.system.mutex);
  /// The compiler does not see that the socket's kernel is this engine's.
  [[nodiscard]] bool advance(simulated_socket& socket) NARU_THREAD_ANNOTATION(no_thread_safety_analysis) {
    return socket.advance(to_tell_);
  }
  void sleep(base::mutex_lock& lock, std::chrono::steady_clock::time_point until);
  void dispatch();
  void destroy(const simulated_socket* closed);

  engine_context context_;
  std::vector<std::unique_ptr<simulated_socket>> sockets_;
  std::vector<report> to_tell_;
};

}  // namespace naru::engine::simulated
