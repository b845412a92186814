#include <string_view>

#include <naru/close_reason.hpp>

namespace naru {

std::string_view to_string(close_cause cause) noexcept {
  switch (cause) {
    case close_cause::local:
      return "local";
    case close_cause::peer:
      return "peer";
    case close_cause::reset:
      return "reset";
    case close_cause::connect_failed:
      return "connect_failed";
    case close_cause::backlog:
      return "backlog";
    case close_cause::message_too_large:
      return "message_too_large";
    case close_cause::protocol:
      return "protocol";
    case close_cause::handler_threw:
      return "handler_threw";
    case close_cause::memory:
      return "memory";
    case close_cause::network_stopped:
      return "network_stopped";
    case close_cause::io:
      return "io";
    case close_cause::idle:
      return "idle";
    case close_cause::evicted:
      return "evicted";
    case close_cause::lessor_closed:
      return "lessor_closed";
    case close_cause::write_stalled:
      return "write_stalled";
    case close_cause::message_timeout:
      return "message_timeout";
    case close_cause::rate:
      return "rate";
    case close_cause::executor_failed:
      return "executor_failed";
  }
  return "unknown";
}

}  // namespace naru
