#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "engine/platform.hpp"
#include "engine/simulated/faults.hpp"
#include "engine/simulated/hostility.hpp"
#include "engine/simulated/random.hpp"
#include "engine/simulated/world.hpp"

namespace naru::engine::simulated {

/// A platform in memory, as hostile as it is told to be. It ends the process, with a message, when its user
/// breaks a rule of the seam. [any]
class simulated_platform final : public platform {
 public:
  explicit simulated_platform(std::shared_ptr<world> shared, const hostility& manners = {});

  [[nodiscard]] result<std::unique_ptr<engine>> make_engine() override;
  [[nodiscard]] result<bound_socket> bind_stream(const endpoint& local, const bind_options& options) override;
  [[nodiscard]] result<bound_datagrams> bind_datagrams(const endpoint& local, const bind_options& options,
                                                       unsigned count) override;
  [[nodiscard]] std::error_code listen(const raw_socket& socket, unsigned accept_queue_max) override;
  [[nodiscard]] result<std::vector<endpoint>> resolve(const std::string& host, std::uint16_t port) override;
  /// The same numbers for the same seed.
  [[nodiscard]] std::error_code fill_random(std::span<std::byte> place) noexcept override;
  [[nodiscard]] const base::clock& time() const noexcept override;

  /// The next `count` operations of this platform fail with `error`; see also `world::fail_next`.
  void fail_next(operation what, std::error_code error, unsigned count = 1);
  /// What of that is left.
  [[nodiscard]] fault_plan& faults() noexcept { return *faults_; }
  [[nodiscard]] const std::shared_ptr<world>& shared_world() const noexcept { return world_; }

 private:
  [[nodiscard]] std::error_code fault(operation what);

  std::shared_ptr<world> world_;
  hostility manners_;
  /// Shared with the engines, which may outlive the platform.
  std::shared_ptr<fault_plan> faults_;
  std::atomic<std::uint64_t> engines_made_ = 0;
  base::mutex random_mutex_;
  random numbers_ NARU_GUARDED_BY(random_mutex_);
};

}  // namespace naru::engine::simulated
