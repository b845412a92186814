#pragma once

#include <cstdint>
#include <utility>

#include "base/intrusive_list.hpp"
#include "engine/linux/descriptor.hpp"
#include "engine/slot_table.hpp"

namespace naru::engine {

class epoll_source;
struct epoll_turn;
/// Sources that get a turn in the next poll, or that are closed and have not been told.
using epoll_source_list = base::intrusive_list<epoll_source, epoll_turn>;

/// A socket that an `epoll_loop` watches. [worker]
class epoll_source : public base::list_node<epoll_turn> {
 public:
  epoll_source(const epoll_source&) = delete;
  epoll_source& operator=(const epoll_source&) = delete;
  virtual ~epoll_source() = default;

  /// Does what these epoll events allow, a bounded share of it. Without events: goes on where the last share
  /// ended. May close any source of the loop, this one too.
  virtual void serve(std::uint32_t events) = 0;
  /// Its turn is next: has the processor fetch what `serve` will touch first.
  virtual void fetch_ahead() const noexcept {}
  /// The last call before the source is destroyed.
  virtual void tell_closed() = 0;

 protected:
  explicit epoll_source(descriptor socket) noexcept : socket_{std::move(socket)} {}
  [[nodiscard]] int socket() const noexcept { return socket_.get(); }

 private:
  friend class epoll_loop;
  descriptor socket_;
  slot_table<epoll_source>::token name_ = slot_table<epoll_source>::nobody;
};

}  // namespace naru::engine
