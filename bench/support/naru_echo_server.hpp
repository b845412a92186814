#pragma once

#include <cstdint>

#include <naru/naru.hpp>

namespace naru::bench {

struct naru_echo_options {
  transport over = tcp;
  std::uint16_t port = 0;
  unsigned workers = 1;
  bool one_socket = false;
};

/// The echo server on naru, until a signal ends it: one send for each message.
void serve_naru_echo(const naru_echo_options& options);

}  // namespace naru::bench
