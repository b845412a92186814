#include "support/programs.hpp"

#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

namespace naru::bench {

int run_program(int argc, char** argv, const char* description,
                const std::function<void(CLI::App& arguments)>& declare,
                const std::function<void()>& body) noexcept {
  try {
    CLI::App arguments{description};
    declare(arguments);
    try {
      arguments.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return arguments.exit(error) == 0 ? 0 : 2;
    }
    body();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

int run_server(int argc, char** argv, const char* description,
               const std::function<void(std::uint16_t port)>& serve) noexcept {
  std::uint16_t port = 0;
  return run_program(
      argc, argv, description,
      [&port](CLI::App& arguments) {
        arguments.add_option("--port", port, "on 127.0.0.1; 0 takes a free one")->capture_default_str();
      },
      [&] {
        raise_descriptor_limit();
        serve(port);
      });
}

void announce(std::uint16_t port) {
  std::printf("%u\n", unsigned{port});
  std::fflush(stdout);
}

void raise_descriptor_limit() {
  rlimit limit{};
  checked(::getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  checked(::setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

void pin_this_thread(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(cpu), &set);
  const int error = ::pthread_setaffinity_np(::pthread_self(), sizeof set, &set);
  if (error != 0) throw std::system_error{error, std::generic_category(), "pthread_setaffinity_np"};
}

}  // namespace naru::bench
