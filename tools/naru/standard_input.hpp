#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <system_error>

/// Reading of the standard input. One file for each operating system defines this.
namespace naru::program {

/// Unlike a stream of the standard library, a thread that waits in it can be told to stop waiting. What a
/// terminal is given comes as UTF-8 with a line feed at the end of each line; all else comes byte by byte as
/// it is.
class standard_input {
 public:
  standard_input();
  ~standard_input();
  standard_input(const standard_input&) = delete;
  standard_input& operator=(const standard_input&) = delete;

  /// Waits for bytes and says how many came: 0 at the end of the input, and after `cancel`.
  [[nodiscard]] std::expected<std::size_t, std::error_code> read(std::span<char> into) noexcept;
  /// Ends the `read` that waits, and all later ones. From any thread.
  void cancel() noexcept;

 private:
  class source;  // each system has its own
  std::shared_ptr<source> source_;
};

}  // namespace naru::program
