#include "core/logger.hpp"

#include <cstdio>
#include <string>

namespace naru::core {

void logger::write(log_level level, std::string_view line) const noexcept {
  if (!wants(level)) return;
  // A log that cannot be written must not end the host: there is nobody to tell.
  try {
    if (take_) {
      take_(level, line);
    } else {
      const std::string whole = "naru " + std::string{to_string(level)} + ": " + std::string{line} + "\n";
      std::fwrite(whole.data(), 1, whole.size(), stderr);
    }
  } catch (...) {  // NOLINT(bugprone-empty-catch)
  }
}

}  // namespace naru::core
