#pragma once

#include <cstdint>
#include <utility>

#include "engine/linux/descriptor.hpp"
#include "engine/slot_table.hpp"
#include "engine/source_turns.hpp"

namespace naru::engine {

/// A socket that an `epoll_loop` watches. [worker]
class epoll_source : public source {
 public:
  /// Does what these epoll events allow, a bounded share of it. Without events: goes on where the last share
  /// ended. May close any source of the loop, this one too.
  virtual void serve(std::uint32_t events) = 0;
  void take_turn() final { serve(0); }
  /// Its turn is next: has the processor fetch what `serve` will touch first.
  virtual void fetch_ahead() const noexcept {}

 protected:
  explicit epoll_source(descriptor socket) noexcept : socket_{std::move(socket)} {}
  [[nodiscard]] int socket() const noexcept { return socket_.get(); }

 private:
  friend class epoll_loop;
  descriptor socket_;
  slot_table<epoll_source>::token name_ = slot_table<epoll_source>::nobody;
};

}  // namespace naru::engine
