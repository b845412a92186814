#include "engine/windows/iocp/iocp_loop.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "base/assert.hpp"
#include "engine/poll_wait.hpp"
#include "engine/windows/windows_error.hpp"

namespace naru::engine {
namespace {

/// How long a source waits before it asks again for what the system had no room for.
constexpr int later_ms = 10;

/// Layered providers that are no part of the I/O system tell the port also of what succeeded at once, and
/// would be told apart too late (SetFileCompletionNotificationModes, "Remarks").
bool skip_completions(SOCKET socket, HANDLE handle) noexcept {
  WSAPROTOCOL_INFOW provider = {};
  int size = sizeof provider;
  if (::getsockopt(socket, SOL_SOCKET, SO_PROTOCOL_INFOW, reinterpret_cast<char*>(&provider), &size) != 0 ||
      (provider.dwServiceFlags1 & XP1_IFS_HANDLES) == 0) {
    return false;
  }
  return ::SetFileCompletionNotificationModes(
             handle, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE) != FALSE;
}

}  // namespace

iocp_source::start iocp_source::begun(operation& one, bool success) noexcept {
  if (success && skips_) return start::done;
  if (!success && ::WSAGetLastError() != WSA_IO_PENDING) return start::refused;
  one.set_under_way(true);
  ++under_way_;
  return start::pending;
}

std::error_code iocp_loop::open() noexcept {
  scratch_.reset(new (std::nothrow) std::byte[scratch_bytes]);
  if (scratch_ == nullptr) return std::make_error_code(std::errc::not_enough_memory);
  port_ = ::CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1);
  return port_ == nullptr ? last_error() : std::error_code{};
}

std::error_code iocp_source::error_of(operation& done) const noexcept {
  if (static_cast<LONG>(done.Internal) >= 0) return {};
  // The status is the I/O system's; this asks for Winsock's word for it.
  DWORD bytes = 0;
  DWORD flags = 0;
  const bool success = ::WSAGetOverlappedResult(socket(), &done, &bytes, FALSE, &flags) != FALSE;
  return success ? socket_error(WSAECONNABORTED) : last_socket_error();
}

iocp_loop::~iocp_loop() {
  NARU_ASSERT(open_count_ == 0, "an engine is destroyed when nothing of it is open");
  if (port_ != nullptr) ::CloseHandle(port_);
}

std::error_code iocp_loop::serve(std::unique_ptr<iocp_source>& source) noexcept {
  if (::CreateIoCompletionPort(source->handle(), port_, 0, 0) == nullptr) return last_error();
  source->skips_ = skip_completions(source->socket(), source->handle());
  keep(std::move(source));
  return {};
}

void iocp_loop::keep(std::unique_ptr<iocp_source> source) noexcept {
  ++open_count_;
  static_cast<void>(source.release());  // its end destroys it
}

void iocp_loop::drop(iocp_source& source) noexcept {
  NARU_ASSERT(source.under_way_ == 0, "nothing comes back for a source that is gone");
  --open_count_;
  const std::unique_ptr<iocp_source> owned{&source};
}

void iocp_loop::serve_in_this_poll(iocp_source& source) noexcept {
  source_turns::forget(source);
  this_poll_.push_back(source);
}

void iocp_loop::serve_later(iocp_source& source) noexcept {
  source_turns::forget(source);
  later_.push_back(source);
}

void iocp_loop::retire(iocp_source& source) noexcept {
  // Closing alone does not end a send whose peer never reads, on every system.
  if (source.under_way_ != 0) ::CancelIoEx(source.handle(), nullptr);
  source.socket_.close();
  source_turns::forget(source);
  if (source.under_way_ == 0) end(source);
}

void iocp_loop::end(iocp_source& source) noexcept {
  --open_count_;
  turns_.retire(source);
}

DWORD iocp_loop::time_to_wait(std::chrono::nanoseconds wait) const noexcept {
  if (turns_.any()) return 0;
  const int wait_ms = to_milliseconds(wait);
  return static_cast<DWORD>(later_.empty() ? wait_ms : std::min(wait_ms, later_ms));
}

void iocp_loop::poll(std::chrono::nanoseconds wait) {
  ULONG count = 0;
  if (::GetQueuedCompletionStatusEx(port_, entries_.data(), static_cast<ULONG>(entries_max), &count,
                                    time_to_wait(wait), FALSE) == FALSE) {
    NARU_ASSERT(::GetLastError() == WAIT_TIMEOUT, "waiting at a port that is open ends with its time only");
    count = 0;
  }
  source_turns::list turns = turns_.take_turns();
  while (source* const one = later_.pop_front()) turns.push_back(*one);
  for (const OVERLAPPED_ENTRY& entry : std::span{entries_}.first(count)) {
    if (entry.lpOverlapped != nullptr) dispatch(entry);  // else it was `wake`
  }
  source_turns::serve(turns);
  source_turns::serve(this_poll_);
  turns_.finish_closed();
}

void iocp_loop::dispatch(const OVERLAPPED_ENTRY& entry) {
  auto& done = static_cast<operation&>(*entry.lpOverlapped);
  iocp_source& owner = done.owner();
  NARU_ASSERT(done.under_way(), "an operation completes once");
  done.set_under_way(false);
  --owner.under_way_;
  if (owner.is_closed()) {
    if (owner.under_way_ == 0) end(owner);
    return;
  }
  owner.completed(done, entry.dwNumberOfBytesTransferred, owner.error_of(done));
}

void iocp_loop::wake() noexcept {
  // Fails for want of memory only. Then other traffic, or the next timer, ends the wait.
  static_cast<void>(::PostQueuedCompletionStatus(port_, 0, 0, nullptr));
}

}  // namespace naru::engine
