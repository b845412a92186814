// The echo server on naru, over TCP.

#include "support/naru_echo_server.hpp"
#include "support/programs.hpp"

int main(int argc, char** argv) {
  return naru::bench::run_server(argc, argv, "An echo server on naru",
                                 [](std::uint16_t port) { naru::bench::serve_naru_echo({.port = port}); });
}
