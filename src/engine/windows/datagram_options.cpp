#include "engine/windows/datagram_options.hpp"

#include "engine/windows/socket_address.hpp"
#include "engine/windows/socket_options.hpp"

namespace naru::engine {
namespace {

// Not in the headers of every compiler.
constexpr DWORD udp_connreset = IOC_IN | IOC_VENDOR | 12;
constexpr DWORD udp_netreset = IOC_IN | IOC_VENDOR | 15;

/// A system that does not know these reports more than is needed, which is ignored then.
void switch_off(SOCKET socket, DWORD control) noexcept {
  BOOL on = FALSE;
  DWORD bytes = 0;
  static_cast<void>(::WSAIoctl(socket, control, &on, sizeof on, nullptr, 0, &bytes, nullptr, nullptr));
}

}  // namespace

std::error_code prepare_shared(SOCKET socket, const endpoint& local) noexcept {
  switch_off(socket, udp_connreset);
  switch_off(socket, udp_netreset);
  if (!local.is_wildcard()) return {};
  // Bound to every address, only each datagram itself knows which of them it was sent to.
  if (local.family() == address_family::ipv4) return set_option(socket, IPPROTO_IP, IP_PKTINFO, 1);
  static_cast<void>(set_option(socket, IPPROTO_IP, IP_PKTINFO, 1));  // an IPv6-only socket gets none
  return set_option(socket, IPPROTO_IPV6, IPV6_PKTINFO, 1);
}

}  // namespace naru::engine
