#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "core/letter.hpp"
#include "core/udp_lease.hpp"
#include "engine/datagrams.hpp"

namespace naru::core {

/// Datagrams on their way from the worker that received them to the one whose peers sent them.
class handed_over final : public letter {
 public:
  handed_over(std::shared_ptr<udp_lease> lease, std::size_t to_index) noexcept
      : lease_{std::move(lease)}, to_index_{to_index} {}

  /// Copies it. Before the letter is sent. Throws std::bad_alloc.
  void add(const engine::arrival& datagram);
  void deliver(worker& at) noexcept override;
  void discard() noexcept override;

 private:
  ~handed_over() = default;

  std::shared_ptr<udp_lease> lease_;
  std::size_t to_index_;
  std::size_t counted_bytes_ = 0;
  std::vector<engine::arrival> datagrams_;
  std::vector<std::byte> bytes_;
};

/// The letters that one worker fills while it goes through what it has received: one for each other worker.
/// [worker]
class hand_overs {
 public:
  explicit hand_overs(std::shared_ptr<udp_lease> lease) noexcept : lease_{std::move(lease)} {}
  hand_overs(const hand_overs&) = delete;
  hand_overs& operator=(const hand_overs&) = delete;
  ~hand_overs();

  /// False when the other worker has not kept up, or there is no memory: the datagram is lost.
  [[nodiscard]] bool add(std::size_t to_index, const engine::arrival& datagram) noexcept;
  /// Sends the letters on their way.
  void send() noexcept;

 private:
  std::shared_ptr<udp_lease> lease_;
  std::vector<handed_over*> letters_;
  bool any_ = false;
};

}  // namespace naru::core
