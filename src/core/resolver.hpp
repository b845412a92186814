#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <naru/endpoint.hpp>
#include <naru/error.hpp>

#include "engine/platform.hpp"

namespace naru::core {

/// Looks names up on threads of its own, since the system's way of doing it blocks for as long as it likes.
/// [any]
class resolver {
 public:
  using answer = std::move_only_function<void(result<std::vector<endpoint>>)>;
  /// So many look-ups run side by side: one slow name server does not hold up other names.
  static constexpr unsigned threads_max = 4;

  explicit resolver(std::shared_ptr<engine::platform> system);
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;
  /// Waits for nobody: answers that are still to come are not given, and threads in the middle of a look-up
  /// end when the system lets them.
  ~resolver();

  /// Calls `done` on one of its threads, once, or never when the resolver goes first. An error here means
  /// that no thread could be had.
  [[nodiscard]] std::error_code look_up(host_port name, answer done);

 private:
  class state;
  std::shared_ptr<state> state_;
};

}  // namespace naru::core
