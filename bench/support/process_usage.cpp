#include "support/process_usage.hpp"

#include <ctime>
#include <fstream>
#include <stdexcept>
#include <string>

#include "support/programs.hpp"

namespace naru::bench {

std::chrono::nanoseconds cpu_time(pid_t process) {
  clockid_t clock{};
  if (const int error = ::clock_getcpuclockid(process, &clock); error != 0) {
    throw std::system_error{error, std::generic_category(), "clock_getcpuclockid"};
  }
  timespec time{};
  checked(::clock_gettime(clock, &time), "clock_gettime");
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

std::int64_t anonymous_bytes(pid_t process) {
  std::ifstream status{"/proc/" + std::to_string(process) + "/status"};
  for (std::string key; status >> key;) {
    std::int64_t kibibytes = 0;
    if (key == "RssAnon:" && status >> kibibytes) return kibibytes * 1024;
  }
  throw std::runtime_error{"no RssAnon for process " + std::to_string(process)};
}

}  // namespace naru::bench
