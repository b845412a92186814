#include "support/naru_echo.hpp"

#include <naru/naru.hpp>

namespace naru::bench {

std::shared_ptr<const handlers> echo_handlers() {
  return std::make_shared<const handlers>(handlers{.on_received = [](connection& peer, bytes_view message) {
    if (!peer.send(message)) peer.close();
  }});
}

}  // namespace naru::bench
