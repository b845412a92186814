#include "engine/windows/resolve.hpp"

#include <memory>
#include <utility>

#include "engine/found_addresses.hpp"
#include "engine/windows/socket_address.hpp"
#include "engine/windows/text.hpp"
#include "engine/windows/windows_error.hpp"

namespace naru::engine {
namespace {

struct free_answer {
  void operator()(ADDRINFOW* list) const noexcept { ::FreeAddrInfoW(list); }
};
using answer = std::unique_ptr<ADDRINFOW, free_answer>;

/// An error of Winsock's, and the list when that is 0.
std::pair<int, answer> ask(const std::wstring& host, int flags) {
  ADDRINFOW hints = {};
  hints.ai_flags = flags;
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;  // else each address comes once for every kind of socket
  ADDRINFOW* list = nullptr;
  const int code = ::GetAddrInfoW(host.c_str(), nullptr, &hints, &list);
  return {code, answer{code == 0 ? list : nullptr}};
}

bool says_unknown(int code) noexcept {
  return code == WSAHOST_NOT_FOUND || code == WSANO_DATA;
}

/// What is unknown among the kinds of addresses that this machine has is asked for once more without that:
/// loopback does not count as one that it has.
std::pair<int, answer> look_up(const std::wstring& host) {
  auto found = ask(host, AI_ADDRCONFIG);
  if (says_unknown(found.first)) found = ask(host, 0);
  return found;
}

std::error_code to_error(int code) noexcept {
  if (code == WSA_NOT_ENOUGH_MEMORY) return std::make_error_code(std::errc::not_enough_memory);
  return make_error_code(errc::name_not_found);
}

}  // namespace

result<std::vector<endpoint>> resolve_host(const std::string& host, std::uint16_t port) {
  if (!found_addresses::can_be_asked(host)) return std::unexpected{make_error_code(errc::name_not_found)};
  const auto [code, list] = look_up(to_wide(host));
  if (code != 0) return std::unexpected{to_error(code)};
  found_addresses found;
  for (const ADDRINFOW* each = list.get(); each != nullptr; each = each->ai_next) {
    found.add(
        socket_address{each->ai_addr, static_cast<int>(each->ai_addrlen)}.to_endpoint().with_port(port));
  }
  return std::move(found).take();
}

}  // namespace naru::engine
