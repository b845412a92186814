#include "engine/windows/windows_error.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "engine/windows/text.hpp"

namespace naru::engine {
namespace {

struct meaning {
  DWORD code;
  std::errc condition;
  const char* text = nullptr;  // where a system may have none of its own
};

/// Sorted by code. Those below 10,000 are what an I/O request ends with where nobody has translated it for
/// Winsock ("System Error Codes"), the others are Winsock's own ("Windows Sockets Error Codes").
constexpr auto meanings = std::to_array<meaning>({
    {ERROR_ACCESS_DENIED, std::errc::permission_denied},
    {ERROR_INVALID_HANDLE, std::errc::bad_file_descriptor},
    {ERROR_NOT_ENOUGH_MEMORY, std::errc::not_enough_memory},
    {ERROR_OUTOFMEMORY, std::errc::not_enough_memory},
    {ERROR_NOT_SUPPORTED, std::errc::not_supported},
    {ERROR_NETNAME_DELETED, std::errc::connection_reset},
    {ERROR_INVALID_PARAMETER, std::errc::invalid_argument},
    {ERROR_BROKEN_PIPE, std::errc::broken_pipe},
    {ERROR_SEM_TIMEOUT, std::errc::timed_out},
    {ERROR_OPERATION_ABORTED, std::errc::operation_canceled},
    {ERROR_CONNECTION_REFUSED, std::errc::connection_refused},
    {ERROR_NETWORK_UNREACHABLE, std::errc::network_unreachable},
    {ERROR_HOST_UNREACHABLE, std::errc::host_unreachable},
    {ERROR_PORT_UNREACHABLE, std::errc::connection_refused},
    {ERROR_CONNECTION_ABORTED, std::errc::connection_aborted},
    {ERROR_NO_SYSTEM_RESOURCES, std::errc::no_buffer_space},
    {ERROR_WORKING_SET_QUOTA, std::errc::no_buffer_space},
    {ERROR_COMMITMENT_LIMIT, std::errc::not_enough_memory},
    {ERROR_TIMEOUT, std::errc::timed_out},
    {WSAEINTR, std::errc::interrupted, "interrupted"},
    {WSAEBADF, std::errc::bad_file_descriptor, "not a socket"},
    {WSAEACCES, std::errc::permission_denied, "permission denied"},
    {WSAEFAULT, std::errc::bad_address, "bad address"},
    {WSAEINVAL, std::errc::invalid_argument, "invalid argument"},
    {WSAEMFILE, std::errc::too_many_files_open, "too many open sockets"},
    {WSAEWOULDBLOCK, std::errc::operation_would_block, "it would have to wait"},
    {WSAEINPROGRESS, std::errc::operation_in_progress, "another call is in progress"},
    {WSAEALREADY, std::errc::connection_already_in_progress, "it is in progress already"},
    {WSAENOTSOCK, std::errc::not_a_socket, "not a socket"},
    {WSAEDESTADDRREQ, std::errc::destination_address_required, "a destination is needed"},
    {WSAEMSGSIZE, std::errc::message_size, "message too long"},
    {WSAEPROTOTYPE, std::errc::wrong_protocol_type, "wrong type of protocol"},
    {WSAENOPROTOOPT, std::errc::no_protocol_option, "no such option"},
    {WSAEPROTONOSUPPORT, std::errc::protocol_not_supported, "protocol not supported"},
    {WSAEOPNOTSUPP, std::errc::operation_not_supported, "operation not supported"},
    {WSAEAFNOSUPPORT, std::errc::address_family_not_supported, "address family not supported"},
    {WSAEADDRINUSE, std::errc::address_in_use, "address already in use"},
    {WSAEADDRNOTAVAIL, std::errc::address_not_available, "address not available on this host"},
    {WSAENETDOWN, std::errc::network_down, "network is down"},
    {WSAENETUNREACH, std::errc::network_unreachable, "network unreachable"},
    {WSAENETRESET, std::errc::network_reset, "connection dropped by the network"},
    {WSAECONNABORTED, std::errc::connection_aborted, "connection aborted"},
    {WSAECONNRESET, std::errc::connection_reset, "connection reset by peer"},
    {WSAENOBUFS, std::errc::no_buffer_space, "no buffer space"},
    {WSAEISCONN, std::errc::already_connected, "connected already"},
    {WSAENOTCONN, std::errc::not_connected, "not connected"},
    {WSAESHUTDOWN, std::errc::broken_pipe, "sending was ended before"},
    {WSAETIMEDOUT, std::errc::timed_out, "timed out"},
    {WSAECONNREFUSED, std::errc::connection_refused, "connection refused"},
    {WSAEHOSTDOWN, std::errc::host_unreachable, "host is down"},
    {WSAEHOSTUNREACH, std::errc::host_unreachable, "host unreachable"},
    {WSAECANCELLED, std::errc::operation_canceled, "canceled"},
});
static_assert(std::ranges::is_sorted(meanings, {}, &meaning::code));

const meaning* find(DWORD code) noexcept {
  const auto found = std::ranges::lower_bound(meanings, code, {}, &meaning::code);
  return found == meanings.end() || found->code != code ? nullptr : &*found;
}

std::string text_of(DWORD code) {
  std::array<wchar_t, 512> text = {};
  const DWORD length = ::FormatMessageW(
      FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK, nullptr,
      code, 0, text.data(), static_cast<DWORD>(text.size()), nullptr);
  std::string said = to_utf8({text.data(), length});
  while (!said.empty() && (said.back() == ' ' || said.back() == '.')) said.pop_back();
  return said;
}

class category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "windows"; }

  [[nodiscard]] std::string message(int value) const override {
    const auto code = static_cast<DWORD>(value);
    std::string said = text_of(code);
    // Wine has none for Winsock's.
    const meaning* const known = find(code);
    if (said.empty()) said = known != nullptr && known->text != nullptr ? known->text : "unknown error";
    return said + " (Windows error " + std::to_string(value) + ")";
  }

  [[nodiscard]] std::error_condition default_error_condition(int value) const noexcept override {
    if (const meaning* const known = find(static_cast<DWORD>(value))) {
      return std::make_error_condition(known->condition);
    }
    return {value, *this};
  }
};

}  // namespace

const std::error_category& windows_category() noexcept {
  static const category instance;
  return instance;
}

}  // namespace naru::engine
