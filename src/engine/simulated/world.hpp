#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <system_error>
#include <unordered_map>
#include <vector>

#include <naru/endpoint.hpp>
#include <naru/error.hpp>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "engine/simulated/faults.hpp"
#include "engine/simulated/lookup_gate.hpp"
#include "engine/simulated/manual_clock.hpp"

namespace naru::engine::simulated {

class kernel;

struct world_options {
  /// Time passes only by `world::advance`. A poll then waits for events, for wake-ups and for `advance`.
  bool manual_time = false;
};

/// One simulated host with its network, shared by all platforms that are made from it: what is bound on one
/// can be connected to from another.
///
/// Its own addresses are 127.0.0.0/8, ::1 and the wildcards. The documentation networks 192.0.2.0/24
/// (RFC 5737) and 2001:db8::/32 (RFC 3849) swallow connects, which are never answered, and datagrams. All
/// other addresses are unreachable.
///
/// Known names: `localhost` is ::1, then 127.0.0.1. An address is its own name.
///
/// Everything here may be called from any thread. [any]
class world {
 public:
  explicit world(world_options options = {});
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  /// A host name and its addresses, best first; their ports do not matter. A name known before is replaced.
  /// With a gate, each lookup waits for it.
  void add_name(std::string host, std::vector<endpoint> addresses, std::shared_ptr<lookup_gate> gate = {});
  /// What `platform::resolve` answers.
  [[nodiscard]] result<std::vector<endpoint>> look_up(const std::string& host, std::uint16_t port);

  /// The next `count` operations fail with `error`, of whichever platform they are. Each platform has orders
  /// of its own as well, which come first. A second order for the same operation replaces the first.
  void fail_next(operation what, std::error_code error, unsigned count = 1);
  /// What of that is left.
  [[nodiscard]] fault_plan& faults() noexcept { return faults_; }

  [[nodiscard]] const base::clock& time() const noexcept;
  [[nodiscard]] bool has_manual_time() const noexcept { return manual_time_; }
  /// Lets manual time pass, and wakes every engine, so that nobody sleeps on a time read before.
  void advance(std::chrono::nanoseconds by);
  /// Blocks until every engine waits in `poll` with nothing to tell: for worlds whose engines all have
  /// threads that turn them. False when that has not come about after `patience` of real time. Work that is
  /// elsewhere, as a lookup's answer on its way to a worker, is not seen.
  [[nodiscard]] bool wait_until_idle(std::chrono::milliseconds patience = std::chrono::seconds{20});

  /// Sockets that somebody holds: bound, listening, accepted and not adopted, streams and datagram sockets
  /// that are not closed.
  [[nodiscard]] std::size_t socket_count() const;

  /// Makes every engine look at its sockets again: some order of `fail_next` concerns sockets at rest.
  void look_again();

  /// For the platforms of this world.
  [[nodiscard]] const std::shared_ptr<kernel>& shared_kernel() const noexcept { return kernel_; }

 private:
  struct name_entry {
    std::vector<endpoint> addresses;
    std::shared_ptr<lookup_gate> gate;
  };

  std::shared_ptr<kernel> kernel_;
  fault_plan faults_;
  bool manual_time_;
  manual_clock manual_time_source_;
  base::steady_clock real_time_source_;
  base::mutex names_mutex_;
  std::unordered_map<std::string, name_entry> names_ NARU_GUARDED_BY(names_mutex_);
};

}  // namespace naru::engine::simulated
