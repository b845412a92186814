#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <system_error>

#include "base/mutex.hpp"

namespace naru::engine::simulated {

/// What can be made to fail.
enum class operation : std::uint8_t {
  make_engine,
  bind,
  listen,
  resolve,
  accept_from,
  adopt,
  connect,             ///< `engine::connect` returns the error
  connect_completion,  ///< on_connected tells the error
  accept,              ///< on_accept_failed; the peer stays in the queue
  send,                ///< `stream::send` answers `failed`
  send_completion,     ///< the send is pending, and on_sent tells the error
  receive,             ///< on_receive_ended tells the error
  open_datagrams,      ///< `engine::share` or `engine::connect` returns the error
  send_datagram,       ///< `datagram_socket::send` answers `failed` for one datagram
  receive_datagram,    ///< `datagram_events::on_error` tells the error, of nobody; the socket goes on
  fill_random,
};

inline constexpr std::size_t operation_count = 16;

/// Failures that were ordered and have not happened yet. [any]
class fault_plan {
 public:
  /// The next `count` operations of this kind fail with `error`. A second order for the same operation
  /// replaces what is left of the first.
  void fail_next(operation what, std::error_code error, unsigned count = 1);
  /// How many of them are left.
  [[nodiscard]] unsigned remaining(operation what) const;
  /// One of them happens now: its error, or none where none was ordered.
  [[nodiscard]] std::error_code take(operation what);

 private:
  struct order {
    std::error_code error = {};
    unsigned count = 0;
  };

  mutable base::mutex mutex_;
  std::array<order, operation_count> orders_ NARU_GUARDED_BY(mutex_) = {};
};

}  // namespace naru::engine::simulated
