#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <naru/log.hpp>

namespace naru::test {

/// Collects what networks log. It must outlive them. [any]
class log_book {
 public:
  struct line {
    log_level level = log_level::off;
    std::string text = {};
  };

  [[nodiscard]] log_handler handler() {
    return [this](log_level level, std::string_view text) {
      const std::lock_guard lock{mutex_};
      lines_.push_back({level, std::string{text}});
    };
  }

  [[nodiscard]] std::vector<line> lines() const {
    const std::lock_guard lock{mutex_};
    return lines_;
  }

  [[nodiscard]] bool has(log_level level, std::string_view part) const {
    const std::lock_guard lock{mutex_};
    return std::ranges::any_of(lines_, [&](const line& entry) {
      return entry.level == level && entry.text.find(part) != std::string::npos;
    });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<line> lines_;
};

}  // namespace naru::test
