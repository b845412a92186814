#include "engine/select.hpp"

#include "engine/linux/linux_platform.hpp"

namespace naru::engine {

result<std::shared_ptr<platform>> select_platform(engine_kind kind) {
  switch (kind) {
    case engine_kind::automatic:
    case engine_kind::epoll:
      return std::make_shared<linux_platform>();
    case engine_kind::iocp:
      break;
  }
  return std::unexpected{make_error_code(errc::engine_unavailable)};
}

// Linux needs nothing once for a process. The one thing that servers commonly change for all of it is
// SIGPIPE; every send here says MSG_NOSIGNAL instead, so that the program's own pipes stay as they are.

std::error_code process_start() noexcept {
  return {};
}

void process_finish() noexcept {}

}  // namespace naru::engine
