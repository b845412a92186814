#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <system_error>

#include <sys/epoll.h>

#include <naru/error.hpp>

#include "engine/linux/descriptor.hpp"
#include "engine/linux/epoll/epoll_source.hpp"
#include "engine/slot_table.hpp"
#include "engine/source_turns.hpp"

namespace naru::engine {

/// What all sockets of one epoll engine share: the epoll descriptor, the turns, the end of each socket, and
/// the memory to receive into. Edge-triggered: each socket is registered once, for all that it will ever
/// need, and no call is made later to change that (docs/decisions/0002-edge-triggered-epoll.md). [worker]
class epoll_loop {
 public:
  /// Nothing else is used of the loop when this failed.
  [[nodiscard]] std::error_code open() noexcept;
  ~epoll_loop();

  /// Watches a source for these events until `retire`, and owns it then.
  [[nodiscard]] std::error_code watch(std::unique_ptr<epoll_source>& source, std::uint32_t events) noexcept;
  /// Gives a turn in the next poll, behind those who wait for one already.
  void serve_again(epoll_source& source) noexcept { turns_.serve_again(source); }
  /// Closes a source's socket at once. Its tell_closed comes in the next poll or later in this one; then it
  /// is destroyed.
  void retire(epoll_source& source) noexcept;

  /// `engine::poll` and `engine::wake`.
  void poll(std::chrono::nanoseconds wait);
  void wake() noexcept;  // [any]

  /// Where everybody receives into, since nobody keeps what is there.
  [[nodiscard]] std::span<std::byte> scratch() const noexcept { return {scratch_.get(), scratch_bytes}; }

 private:
  static constexpr std::size_t scratch_bytes = std::size_t{32} << 10;
  static constexpr int events_max = 256;

  descriptor epoll_ = {};
  descriptor wake_ = {};
  slot_table<epoll_source> sources_ = {};
  source_turns turns_ = {};
  std::unique_ptr<std::byte[]> scratch_ = nullptr;
  std::array<epoll_event, events_max> events_ = {};
};

}  // namespace naru::engine
