#pragma once

#include <string_view>
#include <utility>

#include <naru/log.hpp>

namespace naru::core {

/// Where lines of the log go. [any]
class logger {
 public:
  logger(log_handler take, log_level threshold) noexcept : take_{std::move(take)}, threshold_{threshold} {}

  /// For lines that cost something to put together.
  [[nodiscard]] bool wants(log_level level) const noexcept {
    return level >= threshold_ && level != log_level::off;
  }
  void write(log_level level, std::string_view line) const noexcept;

 private:
  log_handler take_;
  log_level threshold_;
};

}  // namespace naru::core
