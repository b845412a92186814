#pragma once

#include <cstddef>
#include <cstdint>
#include <system_error>
#include <utility>

#include "engine/source_turns.hpp"
#include "engine/windows/iocp/operation.hpp"
#include "engine/windows/owned_socket.hpp"

namespace naru::engine {

/// A socket that an `iocp_loop` serves. It lives until none of its operations is under way. [worker]
class iocp_source : public source {
 public:
  /// An operation was completed: this many bytes, or an error. Never after `close`. May close any source of
  /// the loop, this one too.
  virtual void completed(operation& done, std::size_t bytes, std::error_code error) = 0;

 protected:
  explicit iocp_source(owned_socket socket) noexcept : socket_{std::move(socket)} {}
  [[nodiscard]] SOCKET socket() const noexcept { return socket_.get(); }
  [[nodiscard]] HANDLE handle() const noexcept { return socket_.handle(); }
  [[nodiscard]] bool is_closed() const noexcept { return !socket_; }

  enum class start : std::uint8_t {
    done,     ///< it is over already, and no completion will come
    pending,  ///< `completed` will tell
    refused,  ///< nothing was begun, for `WSAGetLastError()`
  };
  /// To be asked right behind the call that began an operation, with whether that said success.
  [[nodiscard]] start begun(operation& one, bool success) noexcept;
  /// What an operation that is done has failed with, in Winsock's own words. Not after the close.
  [[nodiscard]] std::error_code error_of(operation& done) const noexcept;

 private:
  friend class iocp_loop;
  owned_socket socket_;
  std::uint32_t under_way_ = 0;
  /// The port is not told of what succeeds at once (FILE_SKIP_COMPLETION_PORT_ON_SUCCESS).
  bool skips_ = false;
};

}  // namespace naru::engine
