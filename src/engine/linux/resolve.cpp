#include "engine/linux/resolve.hpp"

#include <memory>
#include <system_error>
#include <utility>

#include <netdb.h>
#include <sys/socket.h>

#include "engine/found_addresses.hpp"
#include "engine/linux/descriptor.hpp"
#include "engine/linux/socket_address.hpp"

namespace naru::engine {
namespace {

struct free_answer {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};
using answer = std::unique_ptr<addrinfo, free_answer>;

/// An EAI_ number, and the list when that is 0.
std::pair<int, answer> ask(const std::string& host, int flags) {
  addrinfo hints = {};
  hints.ai_flags = flags;
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;  // else each address comes once for every kind of socket
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  return {code, answer{code == 0 ? list : nullptr}};
}

bool says_unknown(int code) noexcept {
  return code == EAI_NONAME || code == EAI_NODATA || code == EAI_ADDRFAMILY;
}

/// AI_ADDRCONFIG spares a machine with IPv4 only the question for IPv6 addresses that it could not use, and
/// the wait for servers that answer it badly. But loopback does not count as configured, so that it also
/// hides `::1`, written so or by a name from /etc/hosts, which can be used. So what is unknown with it is
/// asked for once more without.
std::pair<int, answer> look_up(const std::string& host) {
  auto found = ask(host, AI_ADDRCONFIG);
  if (says_unknown(found.first)) found = ask(host, 0);
  return found;
}

std::error_code to_error(int code) noexcept {
  if (code == EAI_SYSTEM) return last_error();
  if (code == EAI_MEMORY) return std::make_error_code(std::errc::not_enough_memory);
  return errc::name_not_found;
}

}  // namespace

result<std::vector<endpoint>> resolve_host(const std::string& host, std::uint16_t port) {
  if (!found_addresses::can_be_asked(host)) return std::unexpected{make_error_code(errc::name_not_found)};
  const auto [code, list] = look_up(host);
  if (code != 0) return std::unexpected{to_error(code)};
  found_addresses found;
  for (const addrinfo* each = list.get(); each != nullptr; each = each->ai_next) {
    found.add(socket_address{each->ai_addr, each->ai_addrlen}.to_endpoint().with_port(port));
  }
  return std::move(found).take();
}

}  // namespace naru::engine
