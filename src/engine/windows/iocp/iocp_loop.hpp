#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <system_error>

#include "engine/source_turns.hpp"
#include "engine/windows/iocp/iocp_source.hpp"
#include "engine/windows/socket_calls.hpp"
#include "engine/windows/windows_headers.hpp"

namespace naru::engine {

/// What all sockets of one engine share: the completion port, the turns, the end of each socket, and the
/// memory to receive into. [worker]
class iocp_loop {
 public:
  explicit iocp_loop(const socket_calls& calls) noexcept : calls_{calls} {}
  /// Nothing else is used of the loop when this failed.
  [[nodiscard]] std::error_code open() noexcept;
  iocp_loop(const iocp_loop&) = delete;
  iocp_loop& operator=(const iocp_loop&) = delete;
  ~iocp_loop();

  /// Sends the completions of a socket to this loop, for as long as it lives, and owns the source then.
  [[nodiscard]] std::error_code serve(std::unique_ptr<iocp_source>& source) noexcept;
  /// Owns a source that begins no operations, of whose socket another loop may have the completions.
  void keep(std::unique_ptr<iocp_source> source) noexcept;
  /// Gives a turn in the next poll, behind those who wait for one already.
  void serve_again(iocp_source& source) noexcept { turns_.serve_again(source); }
  /// Gives a turn behind what else the poll that runs has to say.
  void serve_in_this_poll(iocp_source& source) noexcept;
  /// Gives a turn after a while, to try what the system has refused for lack of room.
  void serve_later(iocp_source& source) noexcept;
  /// Takes back a source that `serve` has taken on, of which nobody has heard and nothing is under way.
  void drop(iocp_source& source) noexcept;
  /// Closes a source's socket at once, and takes back what is under way. Its tell_closed comes when all of
  /// that has come back, in the next poll or later in this one; then it is destroyed.
  void retire(iocp_source& source) noexcept;

  /// `engine::poll` and `engine::wake`.
  void poll(std::chrono::nanoseconds wait);
  void wake() noexcept;  // [any]

  [[nodiscard]] const socket_calls& calls() const noexcept { return calls_; }
  /// Where everybody receives into, since nobody keeps what is there.
  [[nodiscard]] std::span<std::byte> scratch() const noexcept { return {scratch_.get(), scratch_bytes}; }

 private:
  static constexpr std::size_t scratch_bytes = std::size_t{32} << 10;
  static constexpr std::size_t entries_max = 256;

  void dispatch(const OVERLAPPED_ENTRY& entry);
  /// Nothing of a closed source is under way any more.
  void end(iocp_source& source) noexcept;
  [[nodiscard]] DWORD time_to_wait(std::chrono::nanoseconds wait) const noexcept;

  const socket_calls calls_;
  HANDLE port_ = nullptr;
  source_turns turns_ = {};
  source_turns::list this_poll_ = {};
  source_turns::list later_ = {};
  std::size_t open_count_ = 0;
  std::unique_ptr<std::byte[]> scratch_ = nullptr;
  std::array<OVERLAPPED_ENTRY, entries_max> entries_ = {};
};

}  // namespace naru::engine
