#pragma once

#include <memory>

#include <naru/socket_id.hpp>

#include "base/intrusive_list.hpp"
#include "base/timer_wheel.hpp"
#include "core/admission.hpp"
#include "core/profile.hpp"
#include "core/worker.hpp"
#include "engine/engine.hpp"
#include "engine/raw_socket.hpp"

namespace naru::core {

/// A listening socket: takes connections and gives each to the worker that has fewest. It destroys itself
/// after the engine has closed it and `on_listener_closed` was called. [worker]
class listener final : public engine::acceptor_events, public base::list_node<all_tag> {
 public:
  static void begin(worker& at, socket_id id, engine::raw_socket listening,
                    std::shared_ptr<const profile> common, presence present) noexcept;
  /// Finds the one with this id among those of a worker; null when it has gone.
  [[nodiscard]] static listener* find(worker& at, socket_id id) noexcept;
  void close() noexcept;

  void on_accepted(engine::raw_socket accepted, const endpoint& remote) override;
  void on_accept_failed(std::error_code error) override;
  void on_closed() override;

 private:
  listener(worker& at, socket_id id, std::shared_ptr<const profile> common, presence present) noexcept;
  ~listener() = default;

  worker& worker_;
  socket_id id_;
  std::shared_ptr<const profile> common_;
  presence present_;
  engine::acceptor* acceptor_ = nullptr;
  base::timer rest_;
  bool closing_ = false;
  bool failing_ = false;
};

}  // namespace naru::core
