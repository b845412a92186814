#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>

/// What the program asks of the process that it is. One file for each operating system defines this.
namespace naru::program {

/// Turns the first wish that the program end (on Linux SIGINT or SIGTERM; on Windows Ctrl-C, Ctrl-Break or
/// the end of the console) into a request to stop, and lets the second end the process at once, for those who
/// do not want to wait. Made before any other thread, since threads started later are to leave these signals
/// to it; one at a time. Writing to a closed pipe becomes an error instead of a signal.
class termination_watch {
 public:
  explicit termination_watch(std::stop_source stop);
  ~termination_watch();
  termination_watch(const termination_watch&) = delete;
  termination_watch& operator=(const termination_watch&) = delete;

 private:
  class watcher;  // each system has its own
  std::unique_ptr<watcher> watcher_;
};

/// For as long as it lives, the standard streams carry bytes as they are, and a terminal takes them for
/// UTF-8.
class plain_streams {
 public:
  plain_streams();
  ~plain_streams();
  plain_streams(const plain_streams&) = delete;
  plain_streams& operator=(const plain_streams&) = delete;

 private:
  class encoding;  // each system has its own
  std::unique_ptr<encoding> terminal_;
};

/// Lets the process have as many open sockets as it may give itself, and returns how many files that is: the
/// largest number where the system sets no limit.
[[nodiscard]] std::size_t raise_open_files_limit() noexcept;

}  // namespace naru::program
