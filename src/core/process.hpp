#pragma once

#include <utility>

#include <naru/error.hpp>

namespace naru::core {

/// What the process needs once, however many networks it has (R2.1). Counted. [any]
[[nodiscard]] std::error_code hold_process() noexcept;
void release_process() noexcept;

/// Holds the process for as long as it lives.
class process_hold {
 public:
  [[nodiscard]] static result<process_hold> take() noexcept {
    if (const std::error_code error = hold_process()) return std::unexpected{error};
    return process_hold{};
  }
  process_hold(process_hold&& other) noexcept : held_{other.held_} { other.held_ = false; }
  process_hold& operator=(process_hold&& other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  ~process_hold() {
    if (held_) release_process();
  }

 private:
  process_hold() noexcept = default;
  bool held_ = true;
};

}  // namespace naru::core
