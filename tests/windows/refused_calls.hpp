#pragma once

#include <memory>

#include "support/engines.hpp"

namespace naru::test {

/// Winsock's calls as an engine makes them; `receive_message` on sockets that many peers share. Each refuses
/// as often as it is told to, and then goes through.
enum class socket_call { send, receive, accept, receive_message };

/// The next `count` of these calls fail with this code of Winsock's, in any engine. [any]
void refuse_next(socket_call which, int code, int count = 1);
/// How many of them are still to fail. [any]
[[nodiscard]] int refusals_left(socket_call which);

/// Windows, with engines whose calls can be refused.
[[nodiscard]] std::unique_ptr<engine_environment> make_refusing_environment();

}  // namespace naru::test
