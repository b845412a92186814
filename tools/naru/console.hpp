#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <naru/log.hpp>

namespace spdlog {
class logger;
}

namespace naru::program {

/// Where the program speaks: results on the standard output; log lines, errors and, on a terminal, one status
/// line that is redrawn in place on the standard error. Every member may be called from any thread.
class console {
 public:
  /// `speaker` begins the lines of `complain`: "naru echo".
  explicit console(std::string speaker);
  ~console();
  console(const console&) = delete;
  console& operator=(const console&) = delete;

  /// False where a status line would be of no use; `status` then does nothing.
  [[nodiscard]] bool has_status_line() const noexcept { return has_status_line_; }
  void status(std::string_view line);
  void end_status();

  /// Writes to the standard output at once; false when that failed.
  bool print(std::string_view text);
  /// A line about what went wrong.
  void complain(std::string_view what);
  void log(log_level level, std::string_view text);

  /// For `network_options::log`. The console must outlive the network.
  [[nodiscard]] log_handler log_hook();

 private:
  void erase_status();
  void draw_status();

  const std::string speaker_;
  const bool has_status_line_;
  const std::shared_ptr<spdlog::logger> logger_;
  std::mutex mutex_;    // orders whole lines; guards status_
  std::string status_;  // what stands in the status line now
};

}  // namespace naru::program
