#include <cstdlib>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

#include "terminal.hpp"

namespace naru::program {

bool is_terminal(std::FILE* stream) noexcept {
  return isatty(fileno(stream)) == 1;
}

bool has_colours(std::FILE* stream) noexcept {
  const auto* kind = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe)
  return is_terminal(stream) && kind != nullptr && std::string_view{kind} != "dumb";
}

unsigned terminal_columns(std::FILE* stream) noexcept {
  constexpr unsigned common = 80;
  winsize size{};
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return common;
  return size.ws_col;
}

}  // namespace naru::program
