#pragma once

#include <cstdint>

#include <naru/naru.hpp>

namespace naru::bench {

/// The echo server on naru, until a signal ends it: one worker, one send for each message.
void serve_naru_echo(transport over, std::uint16_t port);

}  // namespace naru::bench
