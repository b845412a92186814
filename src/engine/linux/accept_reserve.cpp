#include "engine/linux/accept_reserve.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include "engine/linux/socket_options.hpp"

namespace naru::engine {

void accept_reserve::fill() noexcept {
  if (!spare_) spare_ = descriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

void accept_reserve::turn_away_one(int listener) noexcept {
  if (!spare_) return;
  spare_.close();
  {
    const descriptor peer{::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (peer) reset_on_close(peer.get());
  }
  // Another thread may have been faster. Then there is no reserve, until the next time that something fails.
  fill();
}

}  // namespace naru::engine
