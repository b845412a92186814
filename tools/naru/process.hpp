#pragma once

#include <cstddef>
#include <stop_token>
#include <thread>

/// What the program asks of the process that it is. One file for each operating system defines this.
namespace naru::program {

/// Turns the first SIGINT or SIGTERM into a request to stop, and lets the second end the process at once, for
/// those who do not want to wait. Made before any other thread, since threads started later are to leave
/// these signals to it; one at a time. Writing to a closed pipe becomes an error instead of a signal.
class termination_watch {
 public:
  explicit termination_watch(std::stop_source stop);
  ~termination_watch();
  termination_watch(const termination_watch&) = delete;
  termination_watch& operator=(const termination_watch&) = delete;

 private:
  std::jthread waiter_;
};

/// Lets the process have as many open sockets as it may give itself, and returns how many files that is.
[[nodiscard]] std::size_t raise_open_files_limit() noexcept;

}  // namespace naru::program
