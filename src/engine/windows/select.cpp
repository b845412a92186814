#include "engine/select.hpp"

#include "engine/windows/windows_error.hpp"
#include "engine/windows/windows_platform.hpp"

namespace naru::engine {

result<std::shared_ptr<platform>> select_platform(engine_kind kind) {
  switch (kind) {
    case engine_kind::automatic:
    case engine_kind::iocp:
      return std::make_shared<windows_platform>();
    case engine_kind::epoll:
      break;
  }
  return std::unexpected{make_error_code(errc::engine_unavailable)};
}

std::error_code process_start() noexcept {
  WSADATA data = {};
  const int code = ::WSAStartup(MAKEWORD(2, 2), &data);
  return code == 0 ? std::error_code{} : socket_error(code);
}

void process_finish() noexcept {
  static_cast<void>(::WSACleanup());
}

}  // namespace naru::engine
