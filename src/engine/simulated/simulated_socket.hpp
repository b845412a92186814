#pragma once

#include <cstdint>
#include <vector>

#include "engine/simulated/contract.hpp"
#include "engine/simulated/engine_context.hpp"

namespace naru::engine::simulated {

class simulated_socket;

/// What a socket has to tell.
enum class news : std::uint8_t { connected, received, receive_ended, sent, accepted, room, failed, closed };

struct report {
  simulated_socket* socket = nullptr;
  news what = news::closed;
};

/// What an engine polls: a stream, an acceptor or a datagram socket. [worker]
class simulated_socket {
 public:
  explicit simulated_socket(engine_context& context) noexcept : context_{context} {}
  simulated_socket(const simulated_socket&) = delete;
  simulated_socket& operator=(const simulated_socket&) = delete;
  virtual ~simulated_socket() = default;

  /// One poll's worth of progress, under the lock of the kernel; adds what there is to tell. True when
  /// another poll would bring more, without anything happening elsewhere.
  virtual bool advance(std::vector<report>& to_tell) NARU_REQUIRES(context_.system.mutex) = 0;
  /// Calls the event, if there is still reason to. Without the lock.
  virtual void tell(news what) = 0;

 protected:
  engine_context& context_;
};

}  // namespace naru::engine::simulated
