// The echo server on naru, over UDP.

#include "support/naru_echo_server.hpp"
#include "support/programs.hpp"

int main(int argc, char** argv) {
  return naru::bench::run_server(argc, argv, "An echo server on naru, over UDP",
                                 [](std::uint16_t port) { naru::bench::serve_naru_echo(naru::udp, port); });
}
