#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <naru/network.hpp>

#include "base/mutex.hpp"
#include "base/turnstile.hpp"
#include "core/admission.hpp"
#include "core/crew.hpp"
#include "core/logger.hpp"
#include "core/process.hpp"
#include "core/udp_lease.hpp"
#include "engine/platform.hpp"

namespace naru::core {

/// What a `network` is made of: the bound sockets, and the crew that serves them while it runs. It ties the
/// one to the other and owns no connection (R7.1).
///
/// Everything here may be called from any thread. [any]
class manager : public std::enable_shared_from_this<manager> {
 public:
  /// Without a platform, `start` selects one by the options.
  explicit manager(network_options options, std::shared_ptr<engine::platform> system = nullptr);

  [[nodiscard]] result<void> start();
  [[nodiscard]] result<void> stop(std::chrono::milliseconds grace) {
    return stop(grace, options_.handler_patience);
  }
  /// What a network's destructor does.
  void end() noexcept;
  [[nodiscard]] result<void> poll(std::chrono::milliseconds wait);

  [[nodiscard]] bool is_running() const NARU_EXCLUDES(mutex_);
  [[nodiscard]] unsigned worker_count() const NARU_EXCLUDES(mutex_);
  [[nodiscard]] network_stats stats() const NARU_EXCLUDES(mutex_);

  [[nodiscard]] result<socket_id> bind(transport over, const endpoint& local, const bind_options& options);
  [[nodiscard]] result<void> listen(socket_id id, std::shared_ptr<const handlers> shared,
                                    const listen_options& options);
  [[nodiscard]] result<endpoint> local_endpoint(socket_id id) const NARU_EXCLUDES(mutex_);
  [[nodiscard]] result<void> close(socket_id id) NARU_EXCLUDES(mutex_);
  [[nodiscard]] result<void> drain(socket_id id, std::chrono::milliseconds grace) NARU_EXCLUDES(mutex_);
  [[nodiscard]] result<std::weak_ptr<connection>> connect(transport over, const connect_target& target,
                                                          std::shared_ptr<const handlers> shared,
                                                          const connect_options& options);
  [[nodiscard]] result<timer> after(std::chrono::milliseconds delay, std::move_only_function<void()> call);
  [[nodiscard]] result<timer> every(std::chrono::milliseconds period, std::move_only_function<void()> call);

 private:
  using time_point = std::chrono::steady_clock::time_point;
  enum class phase : unsigned char { idle, starting, running, stopping, finishing };
  struct bound {
    transport over = transport::tcp;
    /// One, or with UDP one for each worker; until it listens: then the workers have them.
    std::vector<engine::raw_socket> sockets = {};
    endpoint local = {};
    bool steered = false;
    bool listens = false;
    std::size_t worker_index = 0;                // TCP: who accepts
    std::shared_ptr<udp_lease> lease = nullptr;  // UDP
    std::shared_ptr<admission> gate = nullptr;   // once it listens
  };
  /// A listener that ends, and whose connections do.
  struct draining {
    std::shared_ptr<admission> gate;
    time_point grace_end;
  };

  [[nodiscard]] result<std::shared_ptr<crew>> make_crew(std::shared_ptr<engine::platform>& system);
  [[nodiscard]] static result<bound> make_bound(engine::platform& system, transport over,
                                                const endpoint& local, const bind_options& options,
                                                unsigned workers);
  [[nodiscard]] result<void> accept(socket_id id, bound& one, std::shared_ptr<const profile> common,
                                    const listen_options& options) NARU_REQUIRES(mutex_);
  [[nodiscard]] result<void> lease(socket_id id, bound& one, std::shared_ptr<const profile> common,
                                   const listen_options& options) NARU_REQUIRES(mutex_);
  [[nodiscard]] result<timer> schedule(std::chrono::milliseconds delay, std::chrono::milliseconds period,
                                       std::move_only_function<void()> call);
  [[nodiscard]] std::shared_ptr<crew> running_crew() const NARU_EXCLUDES(mutex_);

  // How it ends: manager_ending.cpp.
  [[nodiscard]] result<void> stop(std::chrono::milliseconds grace, std::chrono::milliseconds patience)
      NARU_EXCLUDES(mutex_);
  [[nodiscard]] bool wait_until_ended(crew& team, time_point deadline);
  void has_stopped(const std::shared_ptr<crew>& team) NARU_EXCLUDES(mutex_);
  [[nodiscard]] result<void> begin_drain(socket_id id, bound& one, std::chrono::milliseconds grace)
      NARU_REQUIRES(mutex_);
  [[nodiscard]] bool wait_until_drained(crew& team, admission& gate, time_point deadline);

  network_options options_;
  logger log_;

  mutable base::mutex mutex_;
  base::condition phase_changed_;
  phase phase_ NARU_GUARDED_BY(mutex_) = phase::idle;
  std::shared_ptr<engine::platform> system_ NARU_GUARDED_BY(mutex_);
  std::shared_ptr<crew> crew_ NARU_GUARDED_BY(mutex_);
  std::optional<process_hold> process_ NARU_GUARDED_BY(mutex_);
  std::unordered_map<socket_id, bound> sockets_ NARU_GUARDED_BY(mutex_);
  std::size_t listeners_placed_ NARU_GUARDED_BY(mutex_) = 0;
  std::unordered_map<socket_id, draining> draining_ NARU_GUARDED_BY(mutex_);
  /// When the grace of `stop` is over.
  time_point grace_end_ NARU_GUARDED_BY(mutex_) = {};
  network_stats last_stats_ NARU_GUARDED_BY(mutex_) = {};

  /// Entered while a polled crew is turned. Before mutex_, never the other way round.
  base::turnstile turn_;
};

}  // namespace naru::core
