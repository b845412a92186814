#pragma once

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include <naru/endpoint.hpp>
#include <naru/error.hpp>
#include <naru/socket_id.hpp>

#include "core/admission.hpp"
#include "core/letter.hpp"
#include "core/profile.hpp"
#include "core/tcp_socket.hpp"
#include "core/udp_lease.hpp"
#include "engine/raw_socket.hpp"

/// What a network, and one worker, ask of another worker.
namespace naru::core {

/// An accepted socket that this worker shall serve.
class adopt_letter final : public letter {
 public:
  adopt_letter(std::shared_ptr<const profile> common, admitted_place place, engine::raw_socket accepted,
               const endpoint& remote) noexcept
      : common_{std::move(common)},
        place_{std::move(place)},
        accepted_{std::move(accepted)},
        remote_{remote} {}
  void deliver(worker& at) noexcept override;
  void discard() noexcept override { delete this; }

 private:
  ~adopt_letter() = default;
  std::shared_ptr<const profile> common_;
  admitted_place place_;
  engine::raw_socket accepted_;
  endpoint remote_;
};

/// A connection that was given to a user and shall be connected.
class connect_letter final : public letter {
 public:
  connect_letter(std::shared_ptr<shell> given, connect_plan plan) noexcept
      : given_{std::move(given)}, plan_{std::move(plan)} {}
  void deliver(worker& at) noexcept override;
  void discard() noexcept override { delete this; }

 private:
  ~connect_letter() = default;
  std::shared_ptr<shell> given_;
  connect_plan plan_;
};

/// The addresses of a host that a connection waits for.
class resolved_letter final : public letter {
 public:
  explicit resolved_letter(std::weak_ptr<shell> asking) noexcept : asking_{std::move(asking)} {}
  /// Before it is sent. [any]
  void fill_in(result<std::vector<endpoint>> addresses) noexcept { addresses_ = std::move(addresses); }
  void deliver(worker& at) noexcept override;
  void discard() noexcept override { delete this; }

 private:
  ~resolved_letter() = default;
  std::weak_ptr<shell> asking_;
  result<std::vector<endpoint>> addresses_ = {};
};

/// A listening socket that this worker shall accept from.
class listen_letter final : public letter {
 public:
  listen_letter(socket_id id, engine::raw_socket listening, std::shared_ptr<const profile> common,
                presence present) noexcept
      : id_{id}, listening_{std::move(listening)}, common_{std::move(common)}, present_{std::move(present)} {}
  void deliver(worker& at) noexcept override;
  void discard() noexcept override { delete this; }

 private:
  ~listen_letter() = default;
  socket_id id_;
  engine::raw_socket listening_;
  std::shared_ptr<const profile> common_;
  presence present_;
};

/// A listener that shall end.
class unlisten_letter final : public letter {
 public:
  explicit unlisten_letter(socket_id id) noexcept : id_{id} {}
  void deliver(worker& at) noexcept override;
  void discard() noexcept override { delete this; }

 private:
  ~unlisten_letter() = default;
  socket_id id_;
};

/// A worker's part of a listening UDP socket.
class lease_letter final : public letter {
 public:
  lease_letter(std::shared_ptr<udp_lease> lease, std::size_t index, engine::raw_socket bound) noexcept
      : lease_{std::move(lease)}, index_{index}, bound_{std::move(bound)} {}
  void deliver(worker& at) noexcept override;
  void discard() noexcept override { delete this; }

 private:
  ~lease_letter() = default;
  std::shared_ptr<udp_lease> lease_;
  std::size_t index_;
  engine::raw_socket bound_;
};

/// Has a listening UDP socket end on all its workers. [any]
void end_lease(const std::shared_ptr<udp_lease>& lease) noexcept;

/// A listening UDP socket that shall end.
class unlease_letter final : public letter {
 public:
  unlease_letter(std::shared_ptr<udp_lease> lease, std::size_t index) noexcept
      : lease_{std::move(lease)}, index_{index} {}
  void deliver(worker& at) noexcept override;
  void discard() noexcept override { delete this; }

 private:
  ~unlease_letter() = default;
  std::shared_ptr<udp_lease> lease_;
  std::size_t index_;
};

}  // namespace naru::core
